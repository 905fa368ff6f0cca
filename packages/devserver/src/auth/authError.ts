import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { TokenFailure } from '../tokens/index.ts';

/** A refusal in GoTrue's terms. `code` is one of the error codes that `AuthApiError.code` documents. */
export class AuthError extends Error {
  override readonly name = 'AuthError';

  /** Fields of the body beside code and message. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    message: string,
    { extra = {}, cause }: { extra?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.extra = extra;
  }
}

const API_VERSION_HEADER = 'X-Supabase-Api-Version';
const API_VERSION = '2024-01-01';

/**
 * Sends an error in the shape the client asked for: `{ code, message }` since API version 2024-01-01, which every
 * current supabase-js names in a header, and `{ code: status, error_code, msg }` before it. The header of the answer tells
 * the client which of the two it is, so the gateway must expose it to browsers.
 */
export function sendAuthError(c: Context, error: AuthError): Response {
  c.header('X-Sb-Error-Code', error.code);
  if ((c.req.header(API_VERSION_HEADER) ?? '') >= API_VERSION) {
    c.header(API_VERSION_HEADER, API_VERSION);
    return c.json({ code: error.code, message: error.message, ...error.extra }, error.status);
  }
  return c.json({ code: error.status, error_code: error.code, msg: error.message, ...error.extra }, error.status);
}

/** What GoTrue answers to a bearer token it does not accept. */
export function badToken(failure: TokenFailure): AuthError {
  if (failure.reason === 'missing') {
    return new AuthError(401, 'no_authorization', 'This endpoint requires a valid Bearer token');
  }
  return new AuthError(403, 'bad_jwt', `invalid JWT: unable to parse or verify signature, ${describe(failure)}`);
}

function describe(failure: Exclude<TokenFailure, { reason: 'missing' }>): string {
  switch (failure.reason) {
    case 'malformed':
      return failure.parts === 3
        ? 'token is malformed: could not be decoded'
        : 'token is malformed: token contains an invalid number of segments';
    case 'unsupported-algorithm':
      return `token signature is invalid: signing method ${failure.algorithm} is invalid`;
    case 'bad-signature':
      return 'token signature is invalid: signature is invalid';
    case 'expired':
      return 'token has invalid claims: token is expired';
    case 'missing-claims':
      return `token has invalid claims: ${failure.missing.join(' and ')} required`;
  }
}
