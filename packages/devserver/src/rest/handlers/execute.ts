import type { Tx } from '../../database/database.ts';
import { maxAffectedExceeded, notSingular } from '../http/errors.ts';
import type { PlanMedia } from '../http/media.ts';
import { ident, sql, trusted, type Fragment } from '../sql/fragment.ts';
import { resultSql, type ResultParts, type ResultRow } from '../sql/resultSql.ts';
import { replyWith, type Reply } from './reply.ts';
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
 * Runs a statement as the request's caller and replies with its outcome, or with its query plan where that was asked
 * for. What is refused here is undone, because it is refused inside the transaction.
 * @throws ApiError PGRST116, PGRST124.
 */
export async function respond(context: RestContext, request: RestRequest, execution: Execution, replyOf: (outcome: Outcome) => Reply): Promise<Response> {
  const { plan, contentType } = request.media;
  if (plan === null) {
    const outcome = await runAsCaller(context, request, execution, (tx) => outcomeOf(tx, request, execution));
    return replyWith(replyOf(outcome), outcome, request);
  }
  const body = await runAsCaller(context, request, execution, (tx) => queryPlan(tx, execution, plan));
  return replyWith({ status: 200, headers: { 'content-type': contentType }, body }, { gucHeaders: null, gucStatus: null }, request);
}

/** One transaction with all that PostgREST prepares for it. */
function runAsCaller<T>({ db }: RestContext, request: RestRequest, { readOnly }: Execution, body: (tx: Tx) => Promise<T>): Promise<T> {
  const { caller, method, path, headers, preferences, settings, schema } = request;
  const end = preferences.tx ?? settings.txEnd;
  return db.runAs(
    caller,
    async (tx) => {
      // The session's search path begins with `public`; another schema comes before it.
      if (schema !== 'public') await run(tx, sql`set local search_path to ${ident(schema)}, public, extensions`);
      if (settings.preRequest !== null) await run(tx, sql`select ${ident(...settings.preRequest)}()`);
      return body(tx);
    },
    { method, path, headers: Object.fromEntries(headers), readOnly, rollback: end.startsWith('rollback') },
  );
}

async function outcomeOf(tx: Tx, { preferences, settings }: RestRequest, execution: Execution): Promise<Outcome> {
  const [row] = await run<ResultRow>(tx, resultSql(execution));
  if (row === undefined) throw new Error('a statement that always gives one row gave none');
  const rows = Number(row.page);
  if (execution.single && rows !== 1) throw notSingular(rows);
  const { handling, maxAffected } = preferences;
  if (execution.limited && handling === 'strict' && maxAffected !== null && rows > maxAffected) throw maxAffectedExceeded(rows);
  const counted = row.total === null ? null : Number(row.total);
  return {
    rows,
    total: await totalOf(tx, counted, execution.planned, settings.maxRows),
    body: row.body ?? '',
    merged: Number(row.merged),
    gucHeaders: row.headers,
    gucStatus: row.status,
    first: row.first,
  };
}

/** `count=planned` takes the planner's number; `count=estimated` only where there are more rows than a page holds. */
async function totalOf(tx: Tx, counted: number | null, planned: Fragment | null, maxRows: number): Promise<number | null> {
  if (planned === null || (counted !== null && counted <= maxRows)) return counted;
  const [row] = await run<{ 'QUERY PLAN': readonly [{ Plan: { 'Plan Rows': number } }] }>(tx, sql`explain (format json) ${planned}`);
  return Math.max(counted ?? 0, row?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0);
}

async function queryPlan(tx: Tx, execution: Execution, { format, options }: PlanMedia): Promise<string> {
  const rows = await run<{ 'QUERY PLAN': unknown }>(tx, sql`explain (${trusted([`format ${format}`, ...options].join(', '))}) ${resultSql(execution)}`);
  const lines = rows.map((row) => row['QUERY PLAN']);
  return format === 'json' ? JSON.stringify(lines[0]) : lines.join('\n');
}

function run<Row = Record<string, unknown>>(tx: Tx, statement: Fragment): Promise<Row[]> {
  const { text, params } = statement.compile();
  return tx.query<Row>(text, params);
}
