import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import { loggable } from './errors.ts';
import type { Database } from './database/database.ts';
import type { Logger } from './logger.ts';

/** What PostgREST and GoTrue answer with and a browser may read. */
const EXPOSED_HEADERS = ['Content-Encoding', 'Content-Location', 'Content-Range', 'Content-Type', 'Link', 'Location', 'Preference-Applied', 'Range-Unit', 'X-Supabase-Api-Version', 'X-Total-Count'];

/** Options of {@link createGateway}. */
export interface GatewayOptions {
  db: Database;
  logger: Logger;
  version: string;
  /** What the start page tells of the project. */
  project: { anonKey: string; database: string };
  /** Path prefix → the API behind it. */
  apis: Readonly<Record<string, Hono>>;
  /** Stands between the gateway and the APIs. */
  beforeApis?: MiddlewareHandler;
  /** The control endpoint, which is nobody's but this machine's: without the CORS of the rest. */
  control?: Hono | null;
}

/** The one door, as a Supabase project has it: CORS for every origin, a line in the log per request, and the APIs. */
export function createGateway({ db, logger, version, project, apis, beforeApis, control = null }: GatewayOptions): Hono {
  const app = new Hono();
  app.use(requestLog(logger));
  if (control !== null) app.route('/_control', control);
  app.use(cors({ origin: '*', exposeHeaders: EXPOSED_HEADERS, maxAge: 3600 }));
  for (const [prefix, api] of Object.entries(apis)) {
    if (beforeApis !== undefined) app.use(`${prefix}/*`, beforeApis);
    app.route(prefix, api);
  }

  app.get('/health', async (context) => {
    await db.query('select 1');
    return context.json({ status: 'ok', version, database: project.database });
  });
  app.get('/', (context) => startPage(context, version, project));
  // The words of Supabase's gateway.
  app.notFound((context) => context.json({ message: 'no Route matched with those values' }, 404));
  app.onError((error, context) => {
    logger.error(`${context.req.method} ${context.req.path} failed`, { error: loggable(error) });
    return context.json({ message: 'the dev server failed on this request; its log says more' }, 500);
  });
  return app;
}

/** Paths only: a query can hold tokens and values of rows. */
function requestLog(logger: Logger) {
  return createMiddleware(async (context, next) => {
    const start = performance.now();
    await next();
    logger.info(`${context.req.method} ${context.req.path} ${context.res.status} ${(performance.now() - start).toFixed(0)} ms`);
  });
}

function startPage(context: Context, version: string, { anonKey, database }: GatewayOptions['project']): Response {
  const origin = new URL(context.req.url).origin;
  const facts = {
    name: 'Ruwād Realtime dev server',
    version,
    database,
    url: origin,
    anonKey,
    rest: `${origin}/rest/v1`,
    auth: `${origin}/auth/v1`,
    realtime: `${origin.replace(/^http/, 'ws')}/realtime/v1/websocket`,
    health: `${origin}/health`,
  };
  if (!context.req.header('accept')?.includes('text/html')) return context.json(facts);
  const rows = Object.entries(facts).map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd><code>${escapeHtml(value)}</code></dd>`);
  return context.html(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${facts.name}</title><h1>${facts.name}</h1>
<p>Running. Point <code>createClient(url, anonKey)</code> at it. For development and tests, never for production.</p><dl>${rows.join('')}</dl></html>`,
  );
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
