import { RealtimeError } from '../errors.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { platformSignals, type PlatformSignals } from '../lib/platformSignals.ts';
import { createStore } from '../store/store.ts';
import type { Wire } from '../wire/types.ts';
import { createLiveness } from './liveness.ts';
import { initialMachine, transition, type Effect, type MachineEvent } from './connectionMachine.ts';
import { reconnectDelay, rejoinDelay, type ReconnectOptions } from './reconnectDelay.ts';
import type { Connection, ConnectionState } from './types.ts';

/** How long an attempt to open the socket may take, in ms; refused handshakes are held back 2 s by the server. */
const OPEN_TIMEOUT_MS = 10_000;
/** How long a socket must have been open for the next retry to be at once, in ms. */
const STABLE_MS = 10_000;

/** A connection with the side that channels use. */
export interface ConnectionRunner extends Connection {
  /** Needs the socket until the returned function is called. */
  hold(): () => void;
  /** Calls `listener` at every `reconnect()` of the app. */
  onReconnect(listener: () => void): () => void;
  /** Calls `listener` when the device woke from a sleep that began after `since` (ms since 1970), and the socket survived. */
  onWoken(listener: (since: number) => void): () => void;
  /** From when channels may join on a socket that opened again, in ms since 1970: not all who were cut off together at the same time. */
  rejoinAt(): number;
  /** When the server was last heard, in ms since 1970; 0 before the first time. */
  heardAt(): number;
  /** Closes the socket unless the app uses it too, and stops everything. */
  dispose(): Promise<void>;
}

/** What {@link createConnection} is made of. */
export interface ConnectionParts {
  wire: Wire;
  clock: Clock;
  logger: Logger;
  random?: (() => number) | undefined;
  signals?: PlatformSignals | undefined;
  /** See `RealtimeClientOptions`. */
  lostAfterMs?: number | undefined;
  reconnect?: ReconnectOptions | undefined;
}

/** Runs the connection machine: feeds it what happens, does what it says, shows its state. Does nothing until held. */
export function createConnection({ wire, clock, logger, random = Math.random, signals = platformSignals, lostAfterMs = 5_000, reconnect = {} }: ConnectionParts): ConnectionRunner {
  let machine = { ...initialMachine };
  let holders = 0;
  let disposing = false;
  let disposed = false;
  let openedAt = 0;
  let rejoinAt = 0;
  let heardAt = 0;
  let retry: TimerHandle | undefined;
  let openTimeout: TimerHandle | undefined;
  let lostTimer: TimerHandle | undefined;
  let closing: Promise<void> = Promise.resolve();
  let unlisten: (() => void)[] = [];
  const reconnectListeners = new Set<() => void>();
  const wokenListeners = new Set<(since: number) => void>();
  const store = createStore<ConnectionState>(
    { status: 'idle', since: 0, lost: false, attempt: 0, nextRetryAt: null, latencyMs: null, lastConnectedAt: null, reason: null },
    { logger },
  );

  const clear = (timer: TimerHandle | undefined): void => {
    if (timer !== undefined) clock.clearTimeout(timer);
  };
  const liveness = createLiveness({
    clock,
    probe: () => { wire.probe(); },
    onDead: () => { lost(new RealtimeError('connection/lost', 'the server no longer answers')); },
    onWoken: (since) => { for (const listener of [...wokenListeners]) listener(since); },
    isHidden: () => signals.isHidden(),
  });
  const lost = (reason: RealtimeError): void => {
    dispatch({ type: 'lost', reason, stable: clock.now() - openedAt >= STABLE_MS });
  };
  const run = (effect: Effect): void => {
    switch (effect) {
      case 'probe':
        liveness.wake();
        return;
      case 'open':
        openTimeout = clock.setTimeout(() => {
          dispatch({ type: 'timedOut', reason: new RealtimeError('connection/refused', `the socket did not open within ${String(OPEN_TIMEOUT_MS)} ms`) });
        }, OPEN_TIMEOUT_MS);
        wire.open();
        return;
      case 'close':
        closing = wire.close({ unlessShared: disposing || machine.status === 'idle' }).catch((error: unknown) => {
          logger.warn('the socket could not be closed', { reason: String(error) });
        });
        return;
      case 'retry': {
        const delayMs = reconnectDelay(machine, random, reconnect);
        store.set({ ...store.get(), nextRetryAt: clock.now() + delayMs });
        retry = clock.setTimeout(() => {
          dispatch({ type: 'retryDue' });
        }, delayMs);
        return;
      }
      case 'cancelRetry':
        clear(retry);
    }
  };

  const dispatch = (event: MachineEvent): void => {
    if (disposed) return;
    const { next, effects } = transition(machine, event);
    const moved = next.status !== machine.status;
    machine = next;
    if (next.status !== 'connecting' && next.status !== 'reconnecting') clear(openTimeout);
    if (moved) logger.debug('connection', { status: next.status, event: event.type, attempt: next.attempt });
    if (moved && next.status === 'open') {
      openedAt = clock.now();
      rejoinAt = openedAt + rejoinDelay(machine, random, reconnect);
      liveness.start();
    } else if (moved) liveness.stop();
    publish(moved);
    if (moved) watchLoss();
    for (const effect of effects) run(effect);
  };

  const publish = (moved: boolean): void => {
    const now = clock.now();
    const before = store.get();
    const isOpen = machine.status === 'open';
    const attempt = isOpen ? 0 : machine.attempt;
    if (!moved && before.attempt === attempt && before.reason === machine.reason) return;
    store.set({
      status: machine.status,
      since: moved ? now : before.since,
      lost: isAway() && before.lost,
      attempt,
      nextRetryAt: null,
      latencyMs: isOpen ? before.latencyMs : null,
      lastConnectedAt: moved && isOpen ? now : before.lastConnectedAt,
      reason: machine.reason,
    });
  };

  const isAway = (): boolean => machine.status === 'connecting' || machine.status === 'reconnecting' || machine.status === 'offline';
  /** Runs from when the socket is away until it is back, whatever is tried meanwhile. */
  const watchLoss = (): void => {
    if (isAway()) {
      lostTimer ??= clock.setTimeout(() => {
        store.set({ ...store.get(), lost: true });
      }, lostAfterMs);
      return;
    }
    clear(lostTimer);
    lostTimer = undefined;
  };

  const startListening = (): void => {
    if (unlisten.length > 0) return;
    machine = { ...machine, online: signals.isOnline() };
    unlisten = [
      wire.listen({
        onOpen: () => {
          heardAt = clock.now();
          dispatch({ type: 'opened' });
        },
        onLost: lost,
        onHeard: () => {
          heardAt = clock.now();
          liveness.heard();
        },
        onLatency: (latencyMs) => { store.set({ ...store.get(), latencyMs }); },
      }),
      signals.watch({
        onOnline: () => { dispatch({ type: 'online' }); },
        onOffline: () => { dispatch({ type: 'offline', reason: new RealtimeError('connection/offline', 'there is no network') }); },
        onWake: () => { dispatch({ type: 'wake' }); },
      }),
    ];
  };
  const stopListening = (): void => {
    for (const stop of unlisten.splice(0)) stop();
  };

  return {
    store,
    hold() {
      if (disposed) return () => undefined;
      holders += 1;
      startListening();
      if (holders === 1) dispatch({ type: 'want' });
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        holders -= 1;
        if (holders === 0) dispatch({ type: 'unwant' });
        if (holders === 0) stopListening(); // unless a listener took hold again
      };
    },
    onReconnect(listener) {
      reconnectListeners.add(listener);
      return () => reconnectListeners.delete(listener);
    },
    onWoken(listener) {
      wokenListeners.add(listener);
      return () => wokenListeners.delete(listener);
    },
    rejoinAt: () => rejoinAt,
    heardAt: () => heardAt,
    reconnect() {
      dispatch({ type: 'reconnect' });
      for (const listener of [...reconnectListeners]) listener();
    },
    disconnect() {
      dispatch({ type: 'disconnect', reason: new RealtimeError('connection/disconnected', 'the app closed the connection') });
    },
    async dispose() {
      if (disposing) return;
      disposing = true;
      dispatch({ type: 'disconnect', reason: new RealtimeError('client/disposed', 'the client was disposed') });
      disposed = true;
      stopListening();
      reconnectListeners.clear();
      wokenListeners.clear();
      await closing;
    },
  };
}
