import type { Tx } from '../../database/database.ts';
import { maxAffectedExceeded, notSingular } from '../http/errors.ts';
import { sql, type Fragment } from '../sql/fragment.ts';
import { resultSql, type ResultParts, type ResultRow } from '../sql/resultSql.ts';
import type { RestContext, RestRequest } from './request.ts';

/** A statement to run for a request, and what its outcome must be. */
export interface Execution extends ResultParts {
  readonly readOnly: boolean;
  /** Whether anything but exactly one row is an error. */
  readonly single: boolean;
  /** Whether `max-affected` limits the rows. */
  readonly limited: boolean;
  /** Rows whose number the planner is asked for; null to not ask. */
  readonly planned: Fragment | null;
}

/** The outcome of an {@link Execution}, with its counts as numbers. */
export interface Outcome {
  readonly rows: number;
  readonly total: number | null;
  readonly body: string;
  /** Rows that a merge updated instead of inserting. */
  readonly merged: number;
  readonly gucHeaders: string | null;
  readonly gucStatus: string | null;
  readonly first: string | null;
}

/**
 * Runs a statement as the request's caller. What is refused here is undone, because it is refused inside the transaction.
 * @throws ApiError PGRST116, PGRST124.
 */
export function execute({ db, maxRows }: RestContext, request: RestRequest, execution: Execution): Promise<Outcome> {
  const { caller, method, path, headers, preferences } = request;
  const options = {
    method,
    path,
    headers: Object.fromEntries(headers),
    readOnly: execution.readOnly,
    rollback: preferences.tx === 'rollback',
  };
  return db.runAs(caller, async (tx) => {
    const { text, params } = resultSql(execution).compile();
    const [row] = await tx.query<ResultRow>(text, params);
    if (row === undefined) throw new Error('a statement that always gives one row gave none');
    const rows = Number(row.page);
    if (execution.single && rows !== 1) throw notSingular(rows);
    const { handling, maxAffected } = preferences;
    if (execution.limited && handling === 'strict' && maxAffected !== null && rows > maxAffected) throw maxAffectedExceeded(rows);
    const counted = row.total === null ? null : Number(row.total);
    return {
      rows,
      total: await totalOf(tx, counted, execution.planned, maxRows),
      body: row.body ?? '',
      merged: Number(row.merged),
      gucHeaders: row.headers,
      gucStatus: row.status,
      first: row.first,
    };
  }, options);
}

/** `count=planned` takes the planner's number; `count=estimated` only where there are more rows than a page holds. */
async function totalOf(tx: Tx, counted: number | null, planned: Fragment | null, maxRows: number): Promise<number | null> {
  if (planned === null || (counted !== null && counted <= maxRows)) return counted;
  const { text, params } = sql`explain (format json) ${planned}`.compile();
  const [row] = await tx.query<{ 'QUERY PLAN': readonly [{ Plan: { 'Plan Rows': number } }] }>(text, params);
  return Math.max(counted ?? 0, row?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0);
}
