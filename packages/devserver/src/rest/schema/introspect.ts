import type { Tx } from '../../database/database.ts';
import { foreignKeysOf, primaryKeyOf, type CatalogueKey, type CatalogueTable } from './foreignKeys.ts';
import type { Routine, Schema } from './model.ts';
import { traceViews, type ColumnRef, type ViewRule } from './viewColumns.ts';

/** A type as jsonb, given the name of a joined `pg_type` and its `pg_namespace`. */
const typeJson = (type: string, space: string) => `jsonb_build_object('schema', ${space}.nspname, 'name', ${type}.typname)`;

const TABLES = `
  with relations as (
    select c.oid, n.nspname, c.relname, c.relkind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.oid = $1::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
  ), column_rows as (
    select a.attrelid,
      jsonb_object_agg(a.attnum, a.attname) as positions,
      jsonb_agg(jsonb_build_object(
        'name', a.attname,
        'type', ${typeJson('t', 'tn')},
        'base', ${typeJson('b', 'bn')},
        'isArray', b.typcategory = 'A',
        'default', case
          when a.attidentity <> '' then format('nextval(%L)', pg_get_serial_sequence(a.attrelid::regclass::text, a.attname))
          when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end
      ) order by a.attnum) as columns
    from relations r
    join pg_attribute a on a.attrelid = r.oid
    join pg_type t on t.oid = a.atttypid
    join pg_namespace tn on tn.oid = t.typnamespace
    join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
    join pg_namespace bn on bn.oid = b.typnamespace
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attnum > 0 and not a.attisdropped
    group by a.attrelid
  )
  select jsonb_agg(jsonb_build_object(
    'oid', r.oid::int8,
    'schema', r.nspname,
    'name', r.relname,
    'isView', r.relkind in ('v', 'm'),
    'columns', coalesce(c.columns, '[]'),
    'positions', coalesce(c.positions, '{}'),
    'primaryKey', '[]'::jsonb
  ))::text as json
  from relations r left join column_rows c on c.attrelid = r.oid`;

/** Schemas that are not Postgres' own. */
const OF_PROJECT = `n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`;

const PRIMARY_KEYS = `
  select jsonb_agg((
    select jsonb_agg(jsonb_build_object('relation', i.indrelid::int8, 'position', attnum) order by ordinal)
    from unnest(i.indkey::int2[]) with ordinality k(attnum, ordinal)
  ))::text as json
  from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
  where i.indisprimary and ${OF_PROJECT}`;

/** A key is unique when a unique index has exactly its columns; then one row points at most at another. */
const FOREIGN_KEYS = `
  select jsonb_agg(jsonb_build_object(
    'constraint', k.conname,
    'table', k.conrelid::int8,
    'columns', to_jsonb(k.conkey),
    'foreignTable', k.confrelid::int8,
    'foreignColumns', to_jsonb(k.confkey),
    'isUnique', exists (
      select from pg_index i
      where i.indrelid = k.conrelid and i.indisunique and i.indpred is null and i.indexprs is null
        and i.indkey::int2[] @> k.conkey and i.indkey::int2[] <@ k.conkey
    )
  ) order by k.conname)::text as json
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where k.contype = 'f' and k.conparentid = 0 and ${OF_PROJECT}`;

const VIEWS = `
  select jsonb_agg(jsonb_build_object('oid', c.oid::int8, 'action', r.ev_action::text))::text as json
  from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('v', 'm') and r.rulename = '_RETURN' and ${OF_PROJECT}`;

/** Modes i, b and v are passed by callers; o, b and t come back as columns. */
const ROUTINES = `
  with argument_rows as (
    select p.oid, u.position, u.mode, coalesce(u.name, '') as name, t.typname, tn.nspname, t.oid as type_oid,
      b.typname as base_name, bn.nspname as base_schema, b.typcategory = 'A' as is_array,
      row_number() over (partition by p.oid, u.mode in ('i', 'b', 'v') order by u.position) as input_position,
      p.pronargs - p.pronargdefaults as required
    from pg_proc p
    cross join lateral unnest(
      coalesce(p.proallargtypes, p.proargtypes::oid[]),
      coalesce(p.proargmodes::text[], array_fill('i'::text, array[p.pronargs::int])),
      p.proargnames
    ) with ordinality u(type, mode, name, position)
    join pg_type t on t.oid = u.type
    join pg_namespace tn on tn.oid = t.typnamespace
    join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
    join pg_namespace bn on bn.oid = b.typnamespace
    where p.pronamespace = $1::regnamespace
  )
  select jsonb_agg(jsonb_build_object(
    'schema', n.nspname,
    'name', p.proname,
    'arguments', coalesce((select jsonb_agg(jsonb_build_object(
        'name', name,
        'type', jsonb_build_object('schema', nspname, 'name', typname),
        'typeText', format_type(type_oid, null),
        'hasDefault', input_position > required,
        'isVariadic', mode = 'v'
      ) order by position) from argument_rows a where a.oid = p.oid and mode in ('i', 'b', 'v')), '[]'),
    'columns', coalesce((select jsonb_agg(jsonb_build_object(
        'name', name,
        'type', jsonb_build_object('schema', nspname, 'name', typname),
        'base', jsonb_build_object('schema', base_schema, 'name', base_name),
        'isArray', is_array,
        'default', null
      ) order by position) from argument_rows a where a.oid = p.oid and mode in ('o', 'b', 't')), '[]'),
    'returns', case
      when t.typname = 'void' then 'void'
      when t.typtype = 'c' or t.typname = 'record' or 't' = any (coalesce(p.proargmodes::text[], '{}')) then 'composite'
      else 'scalar' end,
    'returnsSet', p.proretset,
    'returnsOne', not p.proretset or p.prorows = 1,
    'returnsTable', case when c.relnamespace = n.oid then c.relname end,
    'isVolatile', p.provolatile = 'v'
  ) order by p.oid)::text as json
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  join pg_type t on t.oid = p.prorettype
  left join pg_class c on c.oid = t.typrelid and c.relkind in ('r', 'p', 'v', 'm', 'f')
  where n.oid = $1::regnamespace and p.prokind = 'f' and t.typname not in ('trigger', 'event_trigger')`;

/** Reads tables, foreign keys and functions of one schema from the catalogue. */
export async function introspect(tx: Tx, schema: string): Promise<Schema> {
  const views = traceViews(await readJson<ViewRule>(tx, VIEWS));
  const primaryKeys = await readJson<ColumnRef[]>(tx, PRIMARY_KEYS);
  const found = await readJson<CatalogueTable>(tx, TABLES, schema);
  const tables = found.map((table) => ({ ...table, primaryKey: primaryKeyOf(table, views.get(table.oid), primaryKeys) }));
  const foreignKeys = foreignKeysOf(await readJson<CatalogueKey>(tx, FOREIGN_KEYS), tables, views);
  const routines = await readJson<Routine>(tx, ROUTINES, schema);
  return { name: schema, tables: new Map(tables.map((table) => [table.name, table])), foreignKeys, routines: groupByName(routines) };
}

/** The queries above build their objects with exactly the fields of `Row`. */
async function readJson<Row>(tx: Tx, query: string, ...params: string[]): Promise<Row[]> {
  const [row] = await tx.query<{ json: string | null }>(query, params);
  return JSON.parse(row?.json ?? '[]') as Row[];
}

function groupByName(routines: readonly Routine[]): Map<string, Routine[]> {
  const byName = new Map<string, Routine[]>();
  for (const routine of routines) byName.set(routine.name, [...(byName.get(routine.name) ?? []), routine]);
  return byName;
}
