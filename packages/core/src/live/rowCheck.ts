import type { TableDefinition } from '../channel/defineChannel.ts';
import { inexactIssues, type Invalid } from '../channel/parseChange.ts';
import { remade, validateRow } from '../channel/wireRow.ts';
import { redact } from '../pipeline/redact.ts';
import { inexactOf, isDoubtful } from './exactRows.ts';
import type { AnyRow } from './rowWindow.ts';

/** How many rows that fail their schema are remembered, so that sweeps do not report them again. */
const MAX_REFUSED = 1_000;

/** What a {@link createRowCheck} is made of. */
export interface RowCheckOptions {
  table: string;
  definition: TableDefinition;
  /** Columns that rows are made of; null for all. */
  columns: readonly string[] | null;
  keyOf: (row: AnyRow) => string;
  report: (invalid: Invalid) => void;
}

/** Turns rows as they were read into rows as the query holds them. */
export interface RowCheck {
  /** The valid ones by key, and the others as they were read, which are reported once per version. */
  check(rows: readonly AnyRow[]): { put: (readonly [string, AnyRow])[]; refused: (readonly [string, AnyRow])[] };
  /** A row of an answer or of the app as the query holds it; null when it is not whole and valid, which is not reported. */
  accept(row: AnyRow): AnyRow | null;
  /** The columns of a row that the query holds. */
  project(row: AnyRow): AnyRow;
}

/** Makes the check of one query. */
export function createRowCheck({ table, definition: { row: schema, version }, columns, keyOf, report }: RowCheckOptions): RowCheck {
  const refusedVersions = new Map<string, unknown>();
  const wanted = columns === null ? null : new Set<unknown>(columns);

  const project = (row: AnyRow): AnyRow => {
    if (columns === null) return row;
    return remade(row, (whole) => Object.fromEntries(columns.filter((column) => Object.hasOwn(whole, column)).map((column) => [column, whole[column]])));
  };
  const refuse = (key: string, row: AnyRow, issues: Invalid['issues'], reason: Invalid['reason']): void => {
    const known = refusedVersions.get(key);
    const isKnown = refusedVersions.has(key) && (version === undefined || known === row[version]);
    refusedVersions.delete(key);
    refusedVersions.set(key, version === undefined ? null : row[version]);
    for (const oldest of refusedVersions.keys()) {
      if (refusedVersions.size <= MAX_REFUSED) break;
      refusedVersions.delete(oldest);
    }
    if (!isKnown) report({ kind: 'snapshot', event: table, table, key, reason, issues, sample: redact(row) });
  };
  /** Of a row of some columns, what the schema says of the others does not matter. */
  const issuesOf = (issues: Invalid['issues']): Invalid['issues'] => {
    if (wanted === null) return issues;
    return issues.filter(({ path: [first] = [] }) => wanted.has(typeof first === 'object' ? first.key : first));
  };

  return {
    project,
    accept(row) {
      if (Object.values(row).some(isDoubtful)) return null;
      const checked = validateRow(schema, row);
      if (!checked.ok && issuesOf(checked.issues).length > 0) return null;
      return project(checked.ok ? (checked.value as AnyRow) : row); // a row schema gives an object
    },
    check(rows) {
      const put: [string, AnyRow][] = [];
      const refused: [string, AnyRow][] = [];
      for (const row of rows) {
        const key = keyOf(row);
        const inexact = inexactOf(row);
        const checked = inexact.length > 0 ? { ok: false as const, issues: inexactIssues(inexact) } : validateRow(schema, row);
        const issues = checked.ok ? [] : issuesOf(checked.issues);
        if (issues.length > 0) {
          refused.push([key, project(row)]);
          refuse(key, row, issues, inexact.length > 0 ? 'inexact' : 'schema');
          continue;
        }
        refusedVersions.delete(key);
        put.push([key, project(checked.ok ? (checked.value as AnyRow) : row)]); // a row schema gives an object
      }
      return { put, refused };
    },
  };
}
