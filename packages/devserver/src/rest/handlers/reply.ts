import { apiError } from '../http/apiError.ts';
import { isBodiless, isReplyStatus } from '../http/status.ts';
import type { Outcome } from './execute.ts';
import type { RestRequest } from './request.ts';

/** What a handler says; headers that are null are left out. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | null>>;
  readonly body: string | null;
}

/** The HTTP reply, with the status and headers that SQL may have set in `response.status` and `response.headers`. */
export function replyWith({ status, headers, body }: Reply, outcome: Pick<Outcome, 'gucHeaders' | 'gucStatus'>, request: RestRequest): Response {
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) if (value !== null) sent.set(name, value);
  if (request.headers.has('accept-profile') || request.headers.has('content-profile')) sent.set('content-profile', request.schema);
  for (const [name, value] of gucHeaders(outcome.gucHeaders)) sent.append(name, value);
  const finalStatus = outcome.gucStatus === null ? status : gucStatus(outcome.gucStatus);
  const bodiless = request.method === 'HEAD' || isBodiless(finalStatus);
  return new Response(bodiless ? null : body, { status: finalStatus, headers: sent });
}

function gucHeaders(text: string | null): [string, string][] {
  if (text === null) return [];
  const wanted = 'response.headers guc must be a JSON array composed of objects with a single key and a string value';
  const problem = apiError(500, 'PGRST111', wanted);
  const list = parse(text);
  if (!Array.isArray(list)) throw problem;
  return list.map((entry: unknown) => {
    const pairs = typeof entry === 'object' && entry !== null ? Object.entries(entry) : [];
    const [name, value] = pairs[0] ?? [];
    if (pairs.length !== 1 || name === undefined || typeof value !== 'string') throw problem;
    return [name, value];
  });
}

function gucStatus(text: string): number {
  const status = Number(text);
  if (!isReplyStatus(status)) throw apiError(500, 'PGRST112', 'response.status guc must be a valid status code');
  return status;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
