import { maxAffectedOfCall } from '../http/errors.ts';
import { parseQueryParameters, type QueryParameters } from '../plan/queryParameters.ts';
import { intersectRanges, type RowRange } from '../plan/range.ts';
import { planRead, rangeAt } from '../plan/readPlan.ts';
import type { Routine, Schema } from '../schema/model.ts';
import { callSql, type CallArguments } from '../sql/callSql.ts';
import { sql, type Fragment } from '../sql/fragment.ts';
import { countedSql, rangeSql, readSql } from '../sql/readSql.ts';
import { SOURCE, type BodyShape } from '../sql/resultSql.ts';
import { respond, type Execution } from './execute.ts';
import { findRoutine, takesBody, type ArgumentNames } from './findRoutine.ts';
import { inspectJson } from './jsonBody.ts';
import { countsFor, pageOf, rowsReply } from './readTable.ts';
import type { RestContext, RestRequest } from './request.ts';

/** GET, HEAD and POST of `/rpc/<name>`: calls a function and shapes what it returns like a table. */
export async function callRoutine(context: RestContext, request: RestRequest, name: string): Promise<Response> {
  const isPost = request.method === 'POST';
  const { media, preferences, settings } = request;
  const query = parseQueryParameters(request.search, { isCall: !isPost });
  const passed = isPost ? await bodyArguments(request) : queryArguments(query);
  const range = pageOf(intersectRanges(isPost ? null : request.headers.get('range'), rangeAt(query, [])), settings.maxRows);
  const { routine, call, view, counted } = await context.schemas.plan(request.schema, (schema) => {
    const found = findRoutine(schema, name, passed.names, isPost);
    if (preferences.handling === 'strict' && preferences.maxAffected !== null && !found.returnsSet) throw maxAffectedOfCall();
    return { routine: found, call: callOf(found, passed), ...viewOf(schema, found, query, { range, aggregates: settings.aggregates }) };
  });
  const execution: Execution = {
    source: callSql(routine, call),
    view,
    ...countsFor(preferences, counted),
    shape: shapeOf(routine, request),
    withFirst: false,
    readOnly: !isPost || !routine.isVolatile,
    single: media.format === 'object' && routine.returnsSet,
    limited: routine.returnsSet,
  };
  return respond(context, request, execution, (outcome) => {
    const reply = rowsReply(request, outcome, range);
    return routine.returns === 'void' ? { status: 204, headers: { ...reply.headers, 'content-type': null }, body: null } : reply;
  });
}

interface PassedArguments {
  readonly names: ArgumentNames;
  readonly json: string;
}

async function bodyArguments(request: RestRequest): Promise<PassedArguments> {
  const text = await request.body();
  const json = text.trim() === '' ? '{}' : text;
  const body = inspectJson(json);
  return { names: body.kind === 'object' ? body.keys : null, json };
}

/** Values arrive as text, which the input functions of the argument types read, arrays as `{…}` included. */
function queryArguments({ arguments: pairs }: QueryParameters): PassedArguments {
  const values = Object.fromEntries(pairs);
  return { names: Object.keys(values), json: JSON.stringify(values) };
}

function callOf(routine: Routine, { names, json }: PassedArguments): CallArguments {
  const isNamed = names !== null && !(takesBody(routine) && !names.includes(''));
  return isNamed ? { kind: 'named', names, json } : { kind: 'body', body: json };
}

/** Rows of a function are shaped like a table's; single values only take a range. */
function viewOf(schema: Schema, routine: Routine, query: QueryParameters, options: { range: RowRange; aggregates: boolean }): { view: Fragment; counted: Fragment } {
  if (routine.returns !== 'composite') {
    return { view: sql`select * from ${SOURCE}${rangeSql(options.range)}`, counted: sql`select 1 from ${SOURCE}` };
  }
  const table = (routine.returnsTable === null ? null : schema.tables.get(routine.returnsTable)) ?? null;
  const plan = planRead(schema, { alias: routine.name, columns: table?.columns ?? routine.columns, table }, query, options);
  return { view: readSql(plan, SOURCE), counted: countedSql(plan, SOURCE) };
}

function shapeOf({ returns, returnsSet }: Routine, { method, media: { format, stripNulls } }: RestRequest): BodyShape {
  if (returns === 'void' || method === 'HEAD') return { format: 'none', isScalar: false, stripNulls };
  const isScalar = returns === 'scalar';
  return { format: format === 'array' && !returnsSet ? 'object' : format, isScalar, stripNulls };
}
