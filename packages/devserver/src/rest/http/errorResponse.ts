import { isPostgresError, type PostgresError } from '../../database/database.ts';
import type { Logger } from '../../logger.ts';
import { ApiError, apiError } from './apiError.ts';
import { statusOfSqlState } from './sqlStatus.ts';
import { isBodiless, isReplyStatus } from './status.ts';

/** Options of {@link errorResponse}. */
export interface ErrorContext {
  /** Whether the caller is the anonymous role. */
  readonly isAnonymous: boolean;
  /** HEAD replies have no body. */
  readonly method: string;
  readonly logger: Logger;
}

/** The reply to a request that failed. What is no refusal by the API or by Postgres is a bug: it is logged, and hidden. */
export function errorResponse(error: unknown, { isAnonymous, method, logger }: ErrorContext): Response {
  const refusal = error instanceof ApiError ? error : isPostgresError(error) ? ofPostgres(error, isAnonymous) : crashed(error, logger);
  const { status, body, headers } = refusal;
  return new Response(method === 'HEAD' || isBodiless(status) ? null : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'proxy-status': `PostgREST; error=${body.code}`, ...headers },
  });
}

function ofPostgres(error: PostgresError, isAnonymous: boolean): ApiError {
  if (error.code === 'PGRST') return raised(error);
  const status = statusOfSqlState(error.code, error.message, isAnonymous);
  return apiError(status, error.code, error.message, {
    details: error.detail ?? null,
    hint: error.hint ?? null,
    headers: status === 401 ? { 'www-authenticate': 'Bearer' } : {},
  });
}

/** `raise sqlstate 'PGRST' using message = '{code, message, …}', detail = '{status, headers}'` writes its own reply. */
function raised({ message, detail }: PostgresError): ApiError {
  const body = parseObject(message);
  const reply = parseObject(detail ?? '');
  if (typeof body?.code !== 'string' || typeof body.message !== 'string' || typeof reply?.status !== 'number') {
    return apiError(500, 'PGRST121', `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error`);
  }
  const headers = Object.entries(typeof reply.headers === 'object' && reply.headers !== null ? reply.headers : {});
  return apiError(isReplyStatus(reply.status) ? reply.status : 500, body.code, body.message, {
    details: body.details ?? null,
    hint: typeof body.hint === 'string' ? body.hint : null,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
  });
}

function crashed(error: unknown, logger: Logger): ApiError {
  logger.error('a REST request failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return apiError(500, 'PGRSTX00', 'Internal server error');
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    // True by the check: a JSON object has string keys and unknown values.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
