import { invalidRange } from '../http/errors.ts';
import { appliedPreferences, type Preferences } from '../grammar/preferences.ts';
import { parseQueryParameters } from '../plan/queryParameters.ts';
import { contentRange, intersectRanges, rangeStatus, type RowRange } from '../plan/range.ts';
import { planRead, rangeAt } from '../plan/readPlan.ts';
import { tableSql } from '../sql/mutationSql.ts';
import { countedSql, readSql } from '../sql/readSql.ts';
import { respond, type Execution, type Outcome } from './execute.ts';
import { findTable } from './findTable.ts';
import type { RestContext, RestRequest } from './request.ts';

/** GET and HEAD of a table: rows with their range, and their total when it is asked for. */
export async function readTable(context: RestContext, request: RestRequest, name: string): Promise<Response> {
  const query = parseQueryParameters(request.search);
  const range = pageOf(intersectRanges(request.headers.get('range'), rangeAt(query, [])), request.settings.maxRows);
  const { table, plan } = await context.schemas.plan(request.schema, (schema) => {
    const found = findTable(schema, name);
    return { table: found, plan: planRead(schema, { alias: found.name, columns: found.columns, table: found }, query, { range, aggregates: request.settings.aggregates }) };
  });
  const { format, stripNulls } = request.media;
  const counted = countedSql(plan, tableSql(table));
  const execution: Execution = {
    source: readSql(plan, tableSql(table)),
    view: null,
    ...countsFor(request.preferences, counted),
    shape: { format: request.method === 'HEAD' && format !== 'object' ? 'none' : format, isScalar: false, stripNulls },
    withFirst: false,
    readOnly: true,
    single: format === 'object',
    limited: false,
  };
  return respond(context, request, execution, (outcome) => rowsReply(request, outcome, range));
}

/** No request reads more rows than a page holds. */
export function pageOf({ offset, limit }: RowRange, maxRows: number): RowRange {
  return { offset, limit: Math.min(limit ?? maxRows, maxRows) };
}

/** Which rows to count exactly and which to ask the planner about, for a `count` preference. */
export function countsFor<T>({ count }: Preferences, rows: T): { counted: T | null; planned: T | null } {
  return {
    counted: count === 'exact' || count === 'estimated' ? rows : null,
    planned: count === 'planned' || count === 'estimated' ? rows : null,
  };
}

/**
 * Status, range and body of rows that were read.
 * @throws ApiError PGRST103 when the range begins beyond the last row.
 */
export function rowsReply(request: RestRequest, { rows, total, body }: Outcome, { offset }: RowRange) {
  const upper = offset + rows - 1;
  const status = rangeStatus(offset, upper, total);
  const range = contentRange(offset, upper, total);
  if (status === 416) {
    throw invalidRange(`An offset of ${offset} was requested, but there are only ${total ?? 0} rows.`, { 'content-range': range });
  }
  const headers = {
    'content-type': request.media.contentType,
    'content-range': range,
    'preference-applied': appliedPreferences(request.preferences, ['count', 'tx', 'handling']),
  };
  return { status, headers, body };
}
