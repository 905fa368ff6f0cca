import { Hono, type Context } from 'hono';
import { requireApiKey } from '../auth/index.ts';
import type { Caller, Database } from '../database/database.ts';
import type { Logger } from '../logger.ts';
import type { Tokens } from '../tokens/index.ts';
import { parsePreferences, type Preferences } from './grammar/preferences.ts';
import { callRoutine } from './handlers/callRoutine.ts';
import { readTable } from './handlers/readTable.ts';
import type { RestContext, RestRequest } from './handlers/request.ts';
import { writeTable } from './handlers/writeTable.ts';
import { ANONYMOUS, authenticate } from './http/caller.ts';
import { errorResponse } from './http/errorResponse.ts';
import {
  bodyTooLarge,
  invalidBody,
  invalidPath,
  invalidPreferences,
  unacceptableSchema,
  unsupportedMethod,
  unsupportedRpcMethod,
} from './http/errors.ts';
import { negotiateMedia } from './http/media.ts';
import { createSchemaCache, type SchemaCache } from './schema/schemaCache.ts';
import { DEFAULT_REST_SETTINGS, type RestSettings } from './schema/settings.ts';

/** Options of {@link createRestApi}. */
export interface RestApiOptions {
  db: Database;
  tokens: Tokens;
  logger: Logger;
  /** Beneath what the database itself says by `alter role authenticator set pgrst.…`. @defaultValue a new project's */
  settings?: Partial<RestSettings>;
  /** Largest body, in bytes. @defaultValue `10_000_000` */
  maxBodyBytes?: number;
}

/** Answers one request that passed the gateway. */
type Handler = (context: RestContext, request: RestRequest, name: string) => Promise<Response>;

/**
 * The REST API of the exposed schemas, as PostgREST 13 serves it behind Supabase's gateway: what `supabase-js` calls
 * by `from()` and `rpc()`. Mount it at `/rest/v1`. Errors are `{code, details, hint, message}`; nothing is thrown.
 */
export function createRestApi({ db, tokens, logger, settings = {}, maxBodyBytes = 10_000_000 }: RestApiOptions): Hono {
  const schemas = createSchemaCache(db, { ...DEFAULT_REST_SETTINGS, ...settings });
  const context: RestContext = { db, schemas };

  const serve = async (c: Context, handler: Handler, path = '/', name = ''): Promise<Response> => {
    const { method } = c.req;
    let caller: Caller | null = null;
    try {
      caller = await authenticate(tokens, c.req.header('authorization') ?? null);
      return await handler(context, await readRequest(c, schemas, { caller, path, maxBodyBytes }), name);
    } catch (error) {
      return errorResponse(error, { isAnonymous: (caller?.role ?? ANONYMOUS) === ANONYMOUS, method, logger });
    }
  };

  const api = new Hono();
  api.use(requireApiKey(tokens));
  api.all('/rpc/:name', (c) => serve(c, serveRoutine, `/rpc/${c.req.param('name')}`, c.req.param('name')));
  api.all('/:name', (c) => serve(c, serveTable, `/${c.req.param('name')}`, c.req.param('name')));
  api.all('*', (c) => serve(c, () => Promise.reject(invalidPath())));
  return api;
}

const serveTable: Handler = (context, request, name) => {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return readTable(context, request, name);
    case 'POST':
    case 'PATCH':
    case 'DELETE':
      return writeTable(context, request, name, request.method);
    default:
      return Promise.reject(unsupportedMethod(request.method));
  }
};

const serveRoutine: Handler = (context, request, name) => {
  const isKnown = ['GET', 'HEAD', 'POST'].includes(request.method);
  return isKnown ? callRoutine(context, request, name) : Promise.reject(unsupportedRpcMethod(request.method));
};

/** @throws ApiError PGRST106, PGRST107, PGRST122. */
async function readRequest(c: Context, schemas: SchemaCache, { caller, path, maxBodyBytes }: { caller: Caller; path: string; maxBodyBytes: number }): Promise<RestRequest> {
  const { method, raw } = c.req;
  const settings = await schemas.settings();
  const preferences = allowedPreferences(parsePreferences(raw.headers.get('prefer')), settings);
  if (preferences.handling === 'strict' && preferences.unknown.length > 0) throw invalidPreferences(preferences.unknown);
  return {
    method,
    path,
    settings,
    schema: schemaOf(raw, settings),
    headers: raw.headers,
    search: new URL(raw.url).searchParams,
    preferences,
    media: negotiateMedia(raw.headers.get('accept'), settings),
    caller,
    body: () => readBody(raw, maxBodyBytes),
  };
}

/** @throws ApiError PGRST106. */
function schemaOf({ method, headers }: Request, { schemas }: RestSettings): string {
  const isRead = method === 'GET' || method === 'HEAD';
  const profile = headers.get(isRead ? 'accept-profile' : 'content-profile') ?? schemas[0] ?? 'public';
  if (!schemas.includes(profile)) throw unacceptableSchema(profile, schemas);
  return profile;
}

/** A project whose transactions always end in one way does not hear a client who wants another. */
function allowedPreferences(preferences: Preferences, { txEnd }: RestSettings): Preferences {
  return txEnd.endsWith('-allow-override') ? preferences : { ...preferences, tx: null };
}

/** @throws ApiError PGRST102 when the body is larger than allowed or of a type that is not JSON. */
async function readBody(raw: Request, maxBytes: number): Promise<string> {
  const type = raw.headers.get('content-type')?.split(';')[0]?.trim() ?? '';
  // No type means JSON, as PostgREST has it; `fetch` calls a plain string text unless told otherwise.
  if (!['', 'application/json', 'text/plain'].includes(type)) throw invalidBody(`Content-Type not acceptable: ${type}`);
  if (Number(raw.headers.get('content-length') ?? 0) > maxBytes) throw bodyTooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of raw.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw bodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
