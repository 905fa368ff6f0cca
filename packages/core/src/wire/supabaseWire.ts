import type { RealtimeClient as SupabaseRealtime } from '@supabase/supabase-js';
import { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { tokenExpiry } from '../lib/tokenExpiry.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import { socketReason } from './closeReason.ts';
import { connectSocket, observeSocket, type SocketObserver } from './socketHooks.ts';
import { openSupabaseJoin } from './supabaseJoin.ts';
import type { SocketHandlers, Wire } from './types.ts';

/** How long the app's token source may take before a join is given up, in ms. */
const TOKEN_TIMEOUT_MS = 5_000;
/** supabase-js gives no sign when it has torn a socket down; it is asked this often, in ms, for two seconds. */
const SETTLE_POLL_MS = 50;
const SETTLE_POLLS = 40;
/** Ref of our own heartbeats; those of supabase-js are numbers. */
const PROBE_REF = 'ruwad-probe';

/** What a wire is made of, beside the app's client. */
export interface SupabaseWireParts {
  clock: Clock;
  logger: Logger;
  /** Whether somebody is signed in, so that joins go out with a token of theirs. */
  signedIn: boolean;
}

/**
 * The wire over an app's supabase client. The app's own channels on the same socket keep working: they share its fate.
 * Does nothing until asked to.
 */
export function createSupabaseWire(realtime: SupabaseRealtime, { clock, logger, signedIn }: SupabaseWireParts): Wire {
  const listeners = new Set<SocketHandlers>();
  let stopObserving: (() => void) | undefined;
  let everOpen = false;
  /** Whether the end of the socket would be news; not between our own close and the next connect. */
  let expecting = false;
  /** Counts open() and close(), so that a slow open knows that it is no longer wanted. */
  let intent = 0;
  let authorizing: Promise<void> | undefined;
  /** The token that was refused last because it has expired by our clock. */
  let expired: string | null = null;
  let unknownReasons = 0;

  const tell = (notify: (handlers: SocketHandlers) => void): void => {
    for (const handlers of [...listeners]) notify(handlers);
  };
  const reportOpen = (): void => {
    everOpen = true;
    expecting = true;
    // One heartbeat at once gives a latency; the next would come after 25 s. A second one in flight would count as lost.
    if (realtime.pendingHeartbeatRef === null) void realtime.sendHeartbeat();
    tell((handlers) => { handlers.onOpen(); });
  };
  const reportLost = (error: RealtimeError): void => {
    everOpen = false;
    if (expecting) tell((handlers) => { handlers.onLost(error); });
  };
  const observer: SocketObserver = {
    onOpen: reportOpen,
    onClose: (code) => { reportLost(socketReason(code, everOpen)); },
    onHeartbeat: (status, latencyMs) => {
      if (status === 'ok' && latencyMs !== undefined) tell((handlers) => { handlers.onLatency(latencyMs); });
      // A half-open socket may never report its close.
      if (status === 'timeout') reportLost(new RealtimeError('connection/lost', 'the server did not answer a heartbeat'));
    },
    onFrame: () => {
      for (const handlers of listeners) handlers.onHeard();
    },
  };

  const connect = async (mine: number): Promise<void> => {
    for (let poll = 0; poll < SETTLE_POLLS && realtime.isDisconnecting(); poll += 1) await sleep(SETTLE_POLL_MS, clock);
    if (mine !== intent) return;
    expecting = true;
    connectSocket(realtime);
    if (realtime.isConnected()) reportOpen();
    if (realtime.isConnected() || realtime.isConnecting()) return;
    // A closed socket that supabase-js still holds makes connect() do nothing (no upstream issue found).
    await realtime.disconnect();
    if (mine === intent) connectSocket(realtime);
  };

  const authorize = async (): Promise<void> => {
    await withTimeout(realtime.setAuth(), TOKEN_TIMEOUT_MS, clock, () => new Error(`not within ${String(TOKEN_TIMEOUT_MS)} ms`)).catch((cause: unknown) => {
      throw new RealtimeError('auth/token-unavailable', `the app gave no access token; ${String(cause)}`, { cause });
    });
    refuseExpired(realtime.accessTokenValue);
  };
  /** A token of a session that cannot be refreshed would be refused, late. When a newer one looks expired too, it is our clock that is wrong. */
  const refuseExpired = (token: string | null): void => {
    const expiry = token === null ? null : tokenExpiry(token);
    if (expiry === null || expiry > clock.now()) {
      expired = null;
      return;
    }
    if (expired !== null && expired !== token) return;
    expired = token;
    throw new RealtimeError('auth/token-expired', 'the app gave an access token that has expired, and could not refresh it');
  };

  return {
    isOpen: () => realtime.isConnected(),
    open() {
      const mine = ++intent;
      connect(mine).catch((cause: unknown) => {
        logger.warn('the socket could not be opened', { reason: String(cause) });
        if (mine === intent) reportLost(new RealtimeError('connection/refused', 'the socket could not be opened', { cause }));
      });
    },
    async close({ unlessShared = false } = {}) {
      intent += 1;
      if (unlessShared && realtime.getChannels().length > 0) return;
      expecting = false;
      await realtime.disconnect();
    },
    probe() {
      // Not supabase-js's own heartbeat: a second one of those in flight counts as a lost socket.
      if (realtime.isConnected()) realtime.push({ topic: 'phoenix', event: 'heartbeat', payload: {}, ref: PROBE_REF });
    },
    listen(handlers) {
      stopObserving ??= observeSocket(realtime, observer);
      listeners.add(handlers);
      return () => {
        listeners.delete(handlers);
        if (listeners.size > 0) return;
        stopObserving?.();
        stopObserving = undefined;
      };
    },
    authorize() {
      // Of overlapping setAuth() calls supabase-js heeds the last alone; the others resolve before the token is set.
      // Related: https://github.com/supabase/supabase-js/pull/2655.
      authorizing ??= authorize().finally(() => { authorizing = undefined; });
      return authorizing;
    },
    join(request, handlers) {
      // A session that could not be refreshed gives the api key, or nothing: what is refused then is not refused the person.
      const asNobody = signedIn && (realtime.accessTokenValue ?? realtime.apiKey) === realtime.apiKey;
      const onEnded = (error: RealtimeError): void => {
        handlers.onEnded(asNobody && error.code === 'channel/forbidden' ? withoutToken(request.topic, error) : error);
      };
      return openSupabaseJoin(realtime, request, { ...handlers, onEnded }, {
        logger,
        onUnknownReason() {
          unknownReasons += 1;
          logger.warn('the server gave a reason that is not known', { topic: request.topic, count: unknownReasons });
        },
      });
    },
  };
}

function withoutToken(topic: string, cause: RealtimeError): RealtimeError {
  return new RealtimeError('auth/token-unavailable', `the join of "${topic}" was refused; the app's client gave no token of the signed-in person`, { cause });
}

function sleep(delayMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimeout(resolve, delayMs);
  });
}
