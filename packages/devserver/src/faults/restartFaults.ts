import type { MiddlewareHandler } from 'hono';
import { AuthError, sendAuthError } from '../auth/authError.ts';
import { apiError } from '../rest/http/apiError.ts';
import { cutChanges } from './changeFaults.ts';
import { lasting, type Run, type World } from './fault.ts';
import { parameter } from './parameters.ts';
import { holdSubscriptions } from './subscriptionFaults.ts';

export const restartServer = lasting({
  summary: 'stops Realtime and starts it again, empty; handshakes meanwhile are reset, and changes meanwhile are never sent. REST and auth go on',
  parameters: {
    graceful: parameter.flagOr(true, 'as by SIGTERM (1012 for sockets with channels), or as by SIGKILL (1006)'),
    downMs: parameter.msOr(1_000, 'how long it is down'),
    coldMs: parameter.msOr(0, 'how long it is cold afterwards, see coldStart; the real server takes 1.4 to 3 s'),
  },
  begin: (world, { graceful, downMs, coldMs }, run) => {
    run.hit(world.realtime.run?.sessions.size);
    // Not waited for: sockets without channels take 5 s to end.
    const halted = world.realtime.halt(graceful ? 'graceful' : 'brutal');
    run.timers.after(downMs, () => run.end());
    return async () => {
      await halted;
      await bootCold(world, coldMs);
    };
  },
});

export const restartDatabase = lasting({
  summary: 'is a Postgres that crashes: REST and auth fail until it is back; Realtime says nothing and loses what is committed until it reads on',
  parameters: {
    downMs: parameter.msOr(500, 'how long REST and auth fail'),
    gapMs: parameter.msOr(2_600, 'from then until Realtime reads on (2.6 s when recorded)'),
  },
  begin: async (world, { downMs, gapMs }, run) => {
    const uncut = await cutChanges(world, (changes) => run.hit(changes));
    const release = holdSubscriptions(world, { hit: () => undefined, timers: run.timers }, { who: {}, forMs: () => null });
    const backUp = world.http.insert(withoutDatabase);
    run.timers.after(downMs, backUp);
    run.timers.after(downMs + gapMs, () => run.end());
    return async () => {
      backUp();
      await uncut();
      release();
    };
  },
});

/** Boots a server whose subscriptions take their time. */
async function bootCold(world: World, coldMs: number): Promise<void> {
  const timers = world.time.timers();
  const warm = coldMs > 0 ? holdSubscriptions(world, { hit: () => undefined, timers } satisfies Pick<Run, 'hit' | 'timers'>, { who: {}, forMs: () => null }) : null;
  if (warm !== null) timers.after(coldMs, warm);
  await world.realtime.boot();
}

/** What of auth answers without its database. */
const INDEPENDENT = new Set(['/auth/v1/health', '/auth/v1/settings', '/auth/v1/.well-known/jwks.json']);

/** PostgREST and GoTrue as they answer when Postgres refuses their connections. */
const withoutDatabase: MiddlewareHandler = (context, next) => {
  const { path } = context.req;
  if (path.startsWith('/rest/')) {
    const { status, body } = apiError(503, 'PGRST000', 'Database connection error. Retrying the connection.', { details: 'connection to server failed: Connection refused' });
    return Promise.resolve(Response.json(body, { status, headers: { 'proxy-status': `PostgREST; error=${body.code}`, 'retry-after': '1' } }));
  }
  if (!path.startsWith('/auth/') || INDEPENDENT.has(path)) return next();
  return Promise.resolve(sendAuthError(context, new AuthError(500, 'unexpected_failure', 'Database error finding user')));
};
