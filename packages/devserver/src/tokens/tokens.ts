import { CompactSign, compactVerify, errors } from 'jose';

/** The secret every local Supabase project is born with. Public; never protect anything real with it. */
export const DEFAULT_JWT_SECRET = 'super-secret-jwt-token-with-at-least-32-characters-long';

/** The payload of a token: an object, as its issuer wrote it. */
export type TokenClaims = Record<string, unknown>;

/**
 * A token whose signature, expiry and required claims were checked.
 * It is the `Caller` that `Database.runAs` takes.
 */
export interface VerifiedToken {
  /** The `role` claim: the database role the caller acts as. */
  role: string;
  claims: TokenClaims;
  /** Expiry in seconds since the epoch. */
  exp: number;
}

/**
 * Why a token was refused, in the order the checks are made. The surfaces word it themselves: PostgREST, GoTrue and
 * Realtime have different texts for the same failure. A failure that carries `claims` had a valid signature.
 */
export type TokenFailure =
  /** No token, or an empty one. */
  | { reason: 'missing' }
  /** Not a compact JWT. `parts` is the number of dot-separated parts found; 3 means that one of them does not decode. */
  | { reason: 'malformed'; parts: number }
  /** Signed by another algorithm than HS256; `none` is one of them. */
  | { reason: 'unsupported-algorithm'; algorithm: string }
  | { reason: 'bad-signature' }
  /** `exp` was `agoS` whole seconds ago (0 at the moment of expiry). */
  | { reason: 'expired'; agoS: number; claims: TokenClaims }
  /** `role` is not a string or `exp` is not an integer. PostgREST accepts such tokens (as anon, without expiry). */
  | { reason: 'missing-claims'; missing: ('role' | 'exp')[]; claims: TokenClaims };

type TokenResult = { ok: true; token: VerifiedToken } | { ok: false; failure: TokenFailure };

export interface SignOptions {
  /** Lifetime in seconds, for claims that bring no `exp` of their own. @defaultValue `3600` */
  expiresInS?: number;
}

export interface TokensOptions {
  /** HS256 secret. @defaultValue {@link DEFAULT_JWT_SECRET} */
  jwtSecret?: string;
  /** Wall clock in milliseconds since the epoch. @defaultValue `Date.now` */
  now?: () => number;
}

/** Signs and verifies the project's HS256 tokens; the one place that knows the secret. */
export interface Tokens {
  /** Signs the claims as they are, with `iat` and `exp` added where they are absent. */
  sign(claims: TokenClaims, options?: SignOptions): Promise<string>;
  /** Checks form, algorithm, signature, expiry and required claims, in this order. Never throws. */
  verify(token: string | null | undefined): Promise<TokenResult>;
}

const HEADER = { alg: 'HS256', typ: 'JWT' };

/** Creates the signer and verifier of one project. */
export function createTokens({ jwtSecret = DEFAULT_JWT_SECRET, now = Date.now }: TokensOptions = {}): Tokens {
  const key = new TextEncoder().encode(jwtSecret);
  const nowS = () => Math.floor(now() / 1000);

  return {
    sign(claims, { expiresInS = 3600 } = {}) {
      const iat = nowS();
      return signExactly(key, { iat, exp: iat + expiresInS, ...claims });
    },

    async verify(token) {
      if (token === undefined || token === null || token === '') return refuse({ reason: 'missing' });
      const checked = await checkSignature(token, key);
      return 'reason' in checked ? refuse(checked) : checkClaims(checked.claims, nowS());
    },
  };
}

/** The project's public key for browsers: role `anon`. The same on every start, and the one `supabase start` prints. */
export function anonKey(jwtSecret: string = DEFAULT_JWT_SECRET): Promise<string> {
  return apiKey('anon', jwtSecret);
}

/** The project's secret key: role `service_role`, which bypasses row level security. The same on every start. */
export function serviceRoleKey(jwtSecret: string = DEFAULT_JWT_SECRET): Promise<string> {
  return apiKey('service_role', jwtSecret);
}

/** The Supabase CLI's claims, without `iat` and with its fixed expiry in 2032, so that keys can be pasted into files. */
function apiKey(role: string, jwtSecret: string): Promise<string> {
  return signExactly(new TextEncoder().encode(jwtSecret), { iss: 'supabase-demo', role, exp: 1_983_812_996 });
}

function signExactly(key: Uint8Array, claims: TokenClaims): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(claims));
  return new CompactSign(payload).setProtectedHeader(HEADER).sign(key);
}

async function checkSignature(token: string, key: Uint8Array): Promise<{ claims: TokenClaims } | TokenFailure> {
  const malformed: TokenFailure = { reason: 'malformed', parts: token.split('.').length };
  if (malformed.parts !== 3) return malformed;
  try {
    const { payload } = await compactVerify(token, key, { algorithms: [HEADER.alg] });
    const claims = parseObject(payload);
    return claims ? { claims } : malformed;
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return { reason: 'bad-signature' };
    if (error instanceof errors.JOSEAlgNotAllowed) {
      return { reason: 'unsupported-algorithm', algorithm: algorithmOf(token) };
    }
    return malformed;
  }
}

function checkClaims(claims: TokenClaims, nowS: number): TokenResult {
  const { role, exp } = claims;
  if (typeof exp === 'number' && exp <= nowS) {
    return refuse({ reason: 'expired', agoS: Math.floor(nowS - exp), claims });
  }
  if (typeof role === 'string' && typeof exp === 'number' && Number.isInteger(exp)) {
    return { ok: true, token: { role, claims, exp } };
  }
  const missing: ('role' | 'exp')[] = [];
  if (typeof role !== 'string') missing.push('role');
  if (!Number.isInteger(exp)) missing.push('exp');
  return refuse({ reason: 'missing-claims', missing, claims });
}

function refuse(failure: TokenFailure): TokenResult {
  return { ok: false, failure };
}

function parseObject(bytes: Uint8Array): TokenClaims | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    // True by the check: a JSON object has string keys and unknown values.
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as TokenClaims) : undefined;
  } catch {
    return undefined;
  }
}

function algorithmOf(token: string): string {
  const header = parseObject(Buffer.from(token.split('.')[0] ?? '', 'base64url'));
  return typeof header?.alg === 'string' ? header.alg : 'unknown';
}
