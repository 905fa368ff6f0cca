import type { ConnectionRunner } from '../connection/connection.ts';
import type { ConnectionStatus } from '../connection/types.ts';
import { RealtimeError } from '../errors.ts';
import { retryDelay } from '../lib/backoff.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createStore, type Store } from '../store/store.ts';
import { retryFloorMs } from '../wire/closeReason.ts';
import type { Join, JoinRequest, Wire, WireEvent } from '../wire/types.ts';
import type { JoinBudget } from './joinBudget.ts';
import type { ChannelState, ChannelStatus, Gap } from './types.ts';

/** How long the server may take to confirm the replication subscription after the join, in ms; 1–3 s when it is cold. */
const SUBSCRIPTION_TIMEOUT_MS = 30_000;
/** How long a channel must have been live for the next retry to be at once, in ms. */
const STABLE_MS = 10_000;
/** When a join died with the socket but the connection did not notice, it is tried again after this, in ms. */
const SOCKET_RECHECK_MS = 1_000;

/** What a join loop is made of. */
export interface JoinLoopParts {
  request: JoinRequest;
  wire: Pick<Wire, 'authorize' | 'join'>;
  connection: ConnectionRunner;
  /** Shared by all channels of the client. */
  budget: JoinBudget;
  clock: Clock;
  logger: Logger;
  random?: (() => number) | undefined;
  onEvent: (event: WireEvent) => void;
  /** Runs at every transition to `live`, also after a rejoin. */
  onLive: (join: Join) => void;
  /** Runs when events may have been missed, once the stream is whole again. */
  onGap: (gap: Gap) => void;
}

/** Keeps one topic joined. */
export interface JoinLoop {
  readonly store: Store<ChannelState>;
  start(): void;
  stop(): void;
  /** The join, while the channel is live. */
  live(): Join | null;
  /** Stops for good; resolves when the topic is left. */
  dispose(): Promise<void>;
}

/**
 * Joins a topic while started, and again whenever the join ends: by a new join each time, at once, then with backoff.
 * `live` means that the server accepted the join and, with bindings, confirmed the replication subscription.
 */
export function createJoinLoop({ request, wire, connection, budget, clock, logger, random = Math.random, onEvent, onLive, onGap }: JoinLoopParts): JoinLoop {
  const store = createStore<ChannelState>({ status: 'idle', previous: null, since: 0, error: null }, { logger });
  let active = false;
  let disposed = false;
  /** Names the current attempt; what belongs to an older one is ignored. */
  let generation = 0;
  let join: Join | null = null;
  let leaving: Promise<void> = Promise.resolve();
  let retries = 0;
  /** Until when the stream was whole; null while it is, and before it ever was. */
  let wholeUntil: number | null = null;
  let subscribedAt = 0;
  let timer: TimerHandle | undefined;
  let takeTurnBack = (): void => undefined;
  let lastConnection: ConnectionStatus | null = null;
  let cleanups: (() => void)[] = [];
  let release = (): void => undefined;

  const setTimer = (callback: () => void, delayMs: number): void => {
    clearTimer();
    timer = clock.setTimeout(() => {
      timer = undefined;
      callback();
    }, delayMs);
  };
  const clearTimer = (): void => {
    if (timer !== undefined) clock.clearTimeout(timer);
    timer = undefined;
  };
  const move = (status: ChannelStatus, error: RealtimeError | null): void => {
    const before = store.get();
    if (before.status === status && before.error === error) return;
    const moved = before.status !== status;
    if (moved) logger.debug('channel', { topic: request.topic, status, ...(error && { code: error.code }) });
    store.set({ status, previous: moved ? before.status : before.previous, since: moved ? clock.now() : before.since, error });
  };

  const abandon = (): void => {
    generation += 1;
    clearTimer();
    takeTurnBack();
    if (join === null) return;
    leaving = join.leave().catch((error: unknown) => {
      logger.warn('a topic could not be left', { topic: request.topic, reason: String(error) });
    });
    join = null;
  };

  const gap = (reason: Gap['reason'], since: number, until: number): void => {
    onGap({ channel: request.topic, reason, since, until });
  };

  /** The stream was whole until the server was last heard, not until the cut was noticed. */
  const noteCut = (error: RealtimeError): void => {
    const { status, since } = store.get();
    // A subscription that failed may have done so at any time since it was confirmed.
    if (status === 'live') wholeUntil = error.code.startsWith('channel/subscription-') ? subscribedAt : Math.max(since, connection.heardAt());
  };

  const ended = (error: RealtimeError): void => {
    abandon();
    noteCut(error);
    const { status, since } = store.get();
    if (status === 'live' && clock.now() - since >= STABLE_MS) retries = 0;
    if (!error.retryable) {
      move('failed', error);
      return;
    }
    move(status === 'live' || status === 'reconnecting' ? 'reconnecting' : 'joining', error);
    if (error.code.startsWith('connection/')) setTimer(tryJoin, SOCKET_RECHECK_MS);
    else {
      setTimer(tryJoin, retryDelay(retries, { random, floorMs: retryFloorMs(error) }));
      retries += 1;
    }
  };

  const tryJoin = (): void => {
    if (!active || join !== null || store.get().status === 'failed' || connection.store.get().status !== 'open') return;
    clearTimer();
    takeTurnBack();
    const mine = ++generation;
    takeTurnBack = budget.take(() => {
      attempt(mine).catch((error: unknown) => {
        if (mine !== generation) return;
        ended(error instanceof RealtimeError ? error : new RealtimeError('channel/join-rejected', `"${request.topic}" could not be joined`, { cause: error }));
      });
    });
  };

  const joinAfter = (delayMs: number): void => {
    if (delayMs > 0) setTimer(tryJoin, delayMs);
    else tryJoin();
  };

  const attempt = async (mine: number): Promise<void> => {
    await leaving;
    await wire.authorize();
    if (mine !== generation || connection.store.get().status !== 'open') return;
    let joined = false;
    let subscribed = request.bindings.length === 0;
    const settle = (): void => {
      if (!joined || !subscribed || join === null || store.get().status === 'live') return;
      clearTimer();
      const missedSince = wholeUntil;
      wholeUntil = null;
      move('live', null);
      subscribedAt = store.get().since;
      onLive(join);
      if (missedSince !== null) gap('rejoined', missedSince, subscribedAt);
    };
    const ifCurrent = (body: () => void) => (): void => {
      if (mine === generation) body();
    };
    join = wire.join(request, {
      onJoined: ifCurrent(() => {
        joined = true;
        if (!subscribed) setTimer(() => { ended(subscriptionTimeout(request.topic)); }, SUBSCRIPTION_TIMEOUT_MS);
        settle();
      }),
      onSubscribed: ifCurrent(() => {
        subscribed = true;
        settle();
      }),
      onResubscribed: ifCurrent(() => {
        if (store.get().status !== 'live') return;
        const since = subscribedAt;
        subscribedAt = clock.now();
        gap('resubscribed', since, subscribedAt);
      }),
      onEvent: (event) => {
        if (mine === generation) onEvent(event);
      },
      onEnded: (error) => {
        if (mine === generation) ended(error);
      },
    });
  };

  const onConnection = (): void => {
    const { status, reason } = connection.store.get();
    if (status === lastConnection) return;
    const isNew = lastConnection === null;
    lastConnection = status;
    const own = store.get().status;
    if (status === 'closed') {
      const error = reason ?? new RealtimeError('connection/disconnected', 'the connection was closed');
      abandon();
      noteCut(error);
      if (own !== 'failed') move('disconnected', error);
      return;
    }
    if (own === 'disconnected') move(wholeUntil === null ? 'joining' : 'reconnecting', null);
    if (status === 'open') joinAfter(isNew ? 0 : connection.rejoinAt() - clock.now());
    // A half-open socket that is given up does not tell its channels.
    else if (join !== null || timer !== undefined) ended(reason ?? new RealtimeError('connection/closed', 'the socket was closed'));
  };

  const stop = (status: 'idle' | 'closed'): void => {
    if (disposed) return;
    disposed = status === 'closed';
    if (active) {
      active = false;
      abandon();
      for (const cleanup of cleanups.splice(0)) cleanup();
      // After the topic is left, so that the socket outlives the message that says so.
      void leaving.then(release);
    }
    move(status, null);
  };

  return {
    store,
    live: () => (store.get().status === 'live' ? join : null),
    start() {
      active = true;
      retries = 0;
      wholeUntil = null;
      move('joining', null);
      lastConnection = null;
      cleanups = [
        connection.store.subscribe(onConnection),
        connection.onReconnect(() => {
          if (store.get().status === 'failed') move('joining', null);
          tryJoin();
        }),
        connection.onWoken((since) => {
          if (store.get().status === 'live') gap('woken', since, clock.now());
        }),
      ];
      release = connection.hold();
      onConnection();
    },
    stop() {
      stop('idle');
    },
    async dispose() {
      stop('closed');
      await leaving;
    },
  };
}

function subscriptionTimeout(topic: string): RealtimeError {
  return new RealtimeError('channel/subscription-timeout', `"${topic}" was joined, but its subscription was not confirmed within ${String(SUBSCRIPTION_TIMEOUT_MS)} ms`);
}
