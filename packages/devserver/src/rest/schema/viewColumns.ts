/** A column by the oid of its relation and its `attnum`. */
export interface ColumnRef {
  readonly relation: number;
  readonly position: number;
}

/** A view with its query as Postgres keeps it: `pg_rewrite.ev_action`. */
export interface ViewRule {
  readonly oid: number;
  readonly action: string;
}

/** Columns of a view, by position, with the columns of tables that they show unchanged. */
export type ViewColumns = ReadonlyMap<number, ColumnRef>;

/** A parenthesis, a brace, or a word, in which a backslash makes any character part of it. */
const TOKEN = /[(){}]|(?:\\.|[^\s(){}\\])+/gs;

/** How deep the target list of the outermost query is: `({QUERY … :targetList (…)})`. */
const QUERY_DEPTH = 2;
const ENTRY_DEPTH = 4;

/**
 * For every view, which columns of which tables it shows, through other views too. Postgres writes the origin of a
 * column (`resorigtbl`, `resorigcol`) beside each entry of a query's target list; expressions and set operations have none.
 */
export function traceViews(rules: readonly ViewRule[]): Map<number, ViewColumns> {
  const shown = new Map(rules.map(({ oid, action }) => [oid, originsOf(action)]));
  const trace = (column: ColumnRef): ColumnRef | null => {
    const view = shown.get(column.relation);
    if (view === undefined) return column;
    const origin = view.get(column.position);
    return origin === undefined ? null : trace(origin);
  };
  const traced = ([position, origin]: readonly [number, ColumnRef]) => {
    const column = trace(origin);
    return column === null ? [] : [[position, column] as const];
  };
  return new Map([...shown].map(([oid, columns]) => [oid, new Map([...columns].flatMap(traced))]));
}

function originsOf(action: string): Map<number, ColumnRef> {
  const columns = new Map<number, ColumnRef>();
  let depth = 0;
  let isTargetList = false;
  let entry = new Map<string, number>();
  let key = '';
  for (const [token] of action.matchAll(TOKEN)) {
    if (token === '(' || token === '{') depth += 1;
    else if (token === ')' || token === '}') {
      depth -= 1;
      if (isTargetList && depth === ENTRY_DEPTH - 1) {
        const [position = 0, relation = 0, origin = 0] = ['resno', 'resorigtbl', 'resorigcol'].map((name) => entry.get(name));
        if (relation > 0 && origin > 0) columns.set(position, { relation, position: origin });
        entry = new Map();
      }
    } else if (token.startsWith(':')) {
      key = token.slice(1);
      if (depth === QUERY_DEPTH) isTargetList = key === 'targetList';
    } else if (isTargetList && depth === ENTRY_DEPTH) entry.set(key, Number(token));
  }
  return columns;
}
