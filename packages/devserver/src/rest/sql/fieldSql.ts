import type { Field } from '../grammar/ast.ts';
import type { ReadPlan } from '../plan/readPlan.ts';
import type { TypeName } from '../schema/model.ts';
import { bound, Fragment, ident, integer, sql, trusted } from './fragment.ts';

/** A field as SQL, and what its values are compared as. */
export interface FieldSql {
  readonly sql: Fragment;
  /** Null when it is not known: a computed field, or a column that does not exist. */
  readonly type: TypeName | null;
  readonly isArray: boolean;
}

const TEXT: TypeName = { schema: 'pg_catalog', name: 'text' };
const JSONB: TypeName = { schema: 'pg_catalog', name: 'jsonb' };

/** A column of a plan, or the value that a JSON path leads to in it. */
export function fieldSql(plan: Pick<ReadPlan, 'alias' | 'columns'>, { name, path }: Field): FieldSql {
  const column = plan.columns.get(name);
  const source = ident(plan.alias, name);
  const last = path.at(-1);
  if (last === undefined) return { sql: source, type: column?.base ?? null, isArray: column?.isArray ?? false };
  const isJson = column === undefined || column.base.name === 'json' || column.base.name === 'jsonb';
  const json = isJson ? source : sql`pg_catalog.to_jsonb(${source})`;
  const steps = path.map(({ arrow, key }) => sql`${trusted(arrow)}${typeof key === 'number' ? integer(key) : bound(key)}`);
  const type = last.arrow === '->>' ? TEXT : column?.base.name === 'json' ? column.base : JSONB;
  return { sql: new Fragment([json, ...steps].flatMap(({ parts }) => parts)), type, isArray: false };
}

/** The key a field has in JSON when it has no alias: its name, or the last key of its path. */
export function fieldKey({ name, path }: Field): string {
  const keys = path.map(({ key }) => key).filter((key) => typeof key === 'string');
  return keys.at(-1) ?? name;
}

/** A bound value, converted by the input function of a type. */
export function valueOf(value: string, type: TypeName | null): Fragment {
  return type === null ? bound(value) : sql`(${bound(value)})::${ident(type.schema, type.name)}`;
}
