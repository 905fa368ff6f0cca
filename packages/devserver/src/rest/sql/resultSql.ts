import { SCALAR } from './callSql.ts';
import { ident, sql, type Fragment } from './fragment.ts';
import { MERGED_ROWS } from './mutationSql.ts';

/** How rows become a body. */
export interface BodyShape {
  readonly format: 'array' | 'object' | 'csv' | 'none';
  /** A function's single value stands for its row. */
  readonly isScalar: boolean;
  readonly stripNulls: boolean;
}

/** The one row that every request reads. Numbers are text, because they may be int8. */
export interface ResultRow {
  readonly total: string | null;
  readonly page: string;
  readonly body: string | null;
  readonly merged: string;
  /** `response.headers` and `response.status`, which functions may set. */
  readonly headers: string | null;
  readonly status: string | null;
  /** The first row that was written, as a JSON object of texts; only when asked for. */
  readonly first: string | null;
}

export interface ResultParts {
  /** What makes the rows: a select, a call, or a statement that writes. */
  readonly source: Fragment;
  /** What the reply shows of them, reading from `pgrst_source`; null when it is the source itself. */
  readonly view: Fragment | null;
  /** Rows to count for the total; null when nothing is counted. */
  readonly counted: Fragment | null;
  readonly shape: BodyShape;
  readonly withFirst: boolean;
}

/** The name under which {@link resultSql} makes the rows of its source known to its view. */
export const SOURCE = ident('pgrst_source');

/** The first row as names and texts. */
const FIRST_ROW = sql`(
  select pg_catalog.json_object_agg(field.key, field.value)::text
  from (select * from ${SOURCE} limit 1) r, pg_catalog.json_each_text(pg_catalog.row_to_json(r.*)) field
)`;

/** A line of column names, then the rows as Postgres prints records, without their parentheses. */
const CSV = sql`
  coalesce((
    select pg_catalog.string_agg(key, ',')
    from (select pg_catalog.json_object_keys(pg_catalog.row_to_json(r.*)) as key from (select * from ${SOURCE} limit 1) r) keys
  ), '')
  || e'\\n'
  || coalesce(pg_catalog.string_agg(pg_catalog.substring((t.*)::text, 2, pg_catalog.length((t.*)::text) - 2), e'\\n'), '')`;

/** One statement that makes rows, counts them, and writes their JSON. Postgres writes it, so no digit is lost. */
export function resultSql({ source, view, counted, shape, withFirst }: ResultParts): Fragment {
  return sql`
    with ${SOURCE} as (${source})
    select
      ${counted === null ? sql`null` : sql`(select pg_catalog.count(*)::text from (${counted}) counted)`} as total,
      pg_catalog.count(*)::text as page,
      ${bodySql(shape)} as body,
      ${MERGED_ROWS} as merged,
      nullif(pg_catalog.current_setting('response.headers', true), '') as headers,
      nullif(pg_catalog.current_setting('response.status', true), '') as status,
      ${withFirst ? FIRST_ROW : sql`null`} as first
    from (${view ?? sql`select * from ${SOURCE}`}) t`;
}

function bodySql({ format, isScalar, stripNulls }: BodyShape): Fragment {
  if (format === 'none') return sql`null`;
  if (format === 'csv') return CSV;
  // A row is `t.*`: a column called `t` would be meant by the name alone.
  const row = isScalar ? ident('t', SCALAR) : sql`t.*`;
  const rows = sql`pg_catalog.json_agg(${row})`;
  const array = stripNulls ? sql`pg_catalog.json_strip_nulls(${rows})` : rows;
  return format === 'array' ? sql`coalesce(${array}, '[]')::text` : sql`coalesce(${array} -> 0, 'null')::text`;
}
