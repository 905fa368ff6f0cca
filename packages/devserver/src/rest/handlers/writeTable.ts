import { apiError } from '../http/apiError.ts';
import { invalidBody, noColumn } from '../http/errors.ts';
import { appliedPreferences } from '../grammar/preferences.ts';
import { parseQueryParameters, type QueryParameters } from '../plan/queryParameters.ts';
import { contentRange } from '../plan/range.ts';
import { planRead, type ReadPlan } from '../plan/readPlan.ts';
import type { Schema, Table } from '../schema/model.ts';
import type { Fragment } from '../sql/fragment.ts';
import { deleteSql, insertSql, returnedSql, updateSql, type Conflict, type Payload } from '../sql/mutationSql.ts';
import { readSql } from '../sql/readSql.ts';
import { SOURCE } from '../sql/resultSql.ts';
import { respond, type Execution, type Outcome } from './execute.ts';
import { findTable } from './findTable.ts';
import { inspectJson, type JsonBody } from './jsonBody.ts';
import type { Reply } from './reply.ts';
import type { RestContext, RestRequest } from './request.ts';

/** The methods that write. */
export type WriteMethod = 'POST' | 'PATCH' | 'DELETE';

/** Preferences that a delete honours, and those of a write that has a body. */
const OF_DELETE = ['return', 'count', 'tx', 'handling'] as const;
const OF_BODY = ['missing', ...OF_DELETE] as const;

/** POST, PATCH and DELETE of a table: insert, upsert, update, delete. */
export async function writeTable(context: RestContext, request: RestRequest, name: string, method: WriteMethod): Promise<Response> {
  const query = parseQueryParameters(request.search);
  const text = method === 'DELETE' ? '' : await request.body();
  const body = method === 'DELETE' ? null : inspectJson(text);
  const write = await context.schemas.plan(request.schema, (schema) => planWrite(schema, findTable(schema, name), { request, query, method, text, body }));
  const isShown = request.preferences.return === 'representation';
  const { format, stripNulls } = request.media;
  const execution: Execution = {
    source: write.statement,
    view: isShown ? readSql({ ...write.plan, where: [] }, SOURCE) : null,
    counted: null,
    planned: null,
    shape: { format: isShown ? format : 'none', isScalar: false, stripNulls },
    withFirst: write.locating,
    readOnly: false,
    single: format === 'object',
    limited: method !== 'POST',
  };
  return respond(context, request, execution, (outcome) =>
    method === 'POST' ? createdReply(request, write, outcome) : changedReply(request, outcome, method),
  );
}

interface WriteInput {
  readonly request: RestRequest;
  readonly query: QueryParameters;
  readonly method: WriteMethod;
  readonly text: string;
  readonly body: JsonBody | null;
}

interface Write {
  readonly table: Table;
  readonly plan: ReadPlan;
  readonly statement: Fragment;
  readonly conflict: Conflict | null;
  /** Whether the reply names the new row in `Location`. */
  readonly locating: boolean;
}

function planWrite(schema: Schema, table: Table, input: WriteInput): Write {
  const { request, query, method } = input;
  const plan = planRead(schema, { alias: table.name, columns: table.columns, table }, query, { range: { offset: 0, limit: null }, aggregates: request.settings.aggregates });
  const locating = method === 'POST' && request.preferences.return === 'headers-only';
  const isShown = request.preferences.return === 'representation';
  const returned = returnedSql(table, isShown ? plan : 'none', locating ? table.primaryKey : []);
  const conflict = conflictOf(table, input);
  return { table, plan, conflict, locating, statement: statementOf(table, plan, conflict, returned, input) };
}

function statementOf(table: Table, plan: ReadPlan, conflict: Conflict | null, returned: Fragment, input: WriteInput): Fragment {
  const { method, body, text } = input;
  if (body !== null) {
    const payload = payloadOf(table, text, body, input);
    if (method === 'POST') return insertSql(payload, conflict, returned);
    assertFiltered(plan, 'UPDATE');
    return updateSql(plan, payload, returned);
  }
  assertFiltered(plan, 'DELETE');
  return deleteSql(plan, table, returned);
}

/** Supabase loads pg-safeupdate for every request; this is its error. */
function assertFiltered(plan: ReadPlan, statement: string): void {
  if (plan.where.length === 0) throw apiError(400, '21000', `${statement} requires a WHERE clause`);
}

function payloadOf(table: Table, json: string, body: JsonBody, { query, request }: WriteInput): Payload {
  if (body.kind === 'other') throw invalidBody('Empty or invalid json');
  if (body.kind === 'array' && !body.uniform && query.columns === null) throw invalidBody('All object keys must match');
  const columns = (query.columns ?? body.keys).map((key) => columnOf(table, key));
  return { table, columns, json, isArray: body.kind === 'array', missingAsDefault: request.preferences.missing === 'default' };
}

function columnOf(table: Table, name: string) {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw noColumn(table.name, name);
  return column;
}

function conflictOf(table: Table, { request, query, method }: WriteInput): Conflict | null {
  const { resolution } = request.preferences;
  return method !== 'POST' || resolution === null ? null : { columns: query.onConflict ?? table.primaryKey, resolution };
}

/** 201; 200 when a merge only updated. */
function createdReply(request: RestRequest, { table, conflict, locating }: Write, { rows, merged, body, first }: Outcome): Reply {
  const { preferences, media } = request;
  const isShown = preferences.return === 'representation';
  const onlyMerged = preferences.resolution === 'merge-duplicates' && rows - merged <= 0;
  const canConflict = conflict !== null && conflict.columns.length > 0;
  return {
    status: onlyMerged ? 200 : 201,
    headers: {
      'content-range': contentRange(1, 0, preferences.count === 'exact' || preferences.count === 'estimated' ? rows : null),
      'content-type': isShown ? media.contentType : null,
      location: locating ? locationOf(table, first) : null,
      'preference-applied': appliedPreferences(preferences, canConflict ? ['resolution', ...OF_BODY] : OF_BODY),
    },
    body: isShown ? body : null,
  };
}

/** 200 with the rows, else 204. */
function changedReply(request: RestRequest, { rows, body }: Outcome, method: WriteMethod): Reply {
  const { preferences, media } = request;
  const isShown = preferences.return === 'representation';
  const counted = preferences.count === 'exact' || preferences.count === 'estimated' ? rows : null;
  return {
    status: isShown ? 200 : 204,
    headers: {
      'content-range': method === 'PATCH' ? contentRange(0, rows - 1, counted) : contentRange(1, 0, counted),
      'content-type': isShown ? media.contentType : null,
      'preference-applied': appliedPreferences(preferences, method === 'PATCH' ? OF_BODY : OF_DELETE),
    },
    body: isShown ? body : null,
  };
}

/** `/table?id=eq.5`; null when the table has no key or no row was written. */
function locationOf(table: Table, first: string | null): string | null {
  if (first === null || table.primaryKey.length === 0) return null;
  // `first` is a JSON object of texts, as its query builds it.
  const key = JSON.parse(first) as Record<string, string | null>;
  const parts = table.primaryKey.map((name) => `${encodeURIComponent(name)}=eq.${encodeURIComponent(key[name] ?? '')}`);
  return `/${encodeURIComponent(table.name)}?${parts.join('&')}`;
}
