import type { RealtimeError } from '../errors.ts';
import type { ConnectionStatus } from './types.ts';

/** What the machine remembers besides its status. */
export interface Machine {
  readonly status: ConnectionStatus;
  /** Whether any channel needs the socket. */
  readonly wanted: boolean;
  /** What the platform says about the network. */
  readonly online: boolean;
  /** Retries begun since the socket was last open for a while. */
  readonly attempt: number;
  /** Whether the server said that it restarts, since the socket was last open for a while. */
  readonly restarting: boolean;
  /** Whether the retry under way, or the one that opened the socket, was at once after a loss, as that of all who were cut off together. */
  readonly atOnce: boolean;
  /** Whether a retry waits for its time, as opposed to being under way. */
  readonly waiting: boolean;
  readonly reason: RealtimeError | null;
}

/** What can happen to a connection. */
export type MachineEvent =
  | { type: 'want' }
  | { type: 'unwant' }
  | { type: 'opened' }
  /** `stable`: it had been open long enough for the next retry to start afresh. */
  | { type: 'lost'; reason: RealtimeError; stable: boolean }
  | { type: 'retryDue' }
  | { type: 'timedOut'; reason: RealtimeError }
  | { type: 'online' }
  | { type: 'offline'; reason: RealtimeError }
  /** Somebody may be back after a sleep. */
  | { type: 'wake' }
  | { type: 'reconnect' }
  | { type: 'disconnect'; reason: RealtimeError };

/** What has to be done, in order. `retry` means: after the delay for `attempt`, report `retryDue`; `probe`: see at once whether the socket still lives. */
export type Effect = 'open' | 'close' | 'retry' | 'cancelRetry' | 'probe';

/** Where a transition leads. */
export interface Transition {
  readonly next: Machine;
  readonly effects: readonly Effect[];
}

type Handler<E extends MachineEvent> = (machine: Machine, event: E) => Transition;
type Row = { readonly [T in MachineEvent['type']]: Handler<Extract<MachineEvent, { type: T }>> };

/** Whether the next retry is at once: most cuts concern one client, unless the server said otherwise. */
export function isAtOnce({ attempt, restarting }: Pick<Machine, 'attempt' | 'restarting'>): boolean {
  return attempt === 0 && !restarting;
}

/** The state of a connection that nothing needs yet. */
export const initialMachine: Machine = { status: 'idle', wanted: false, online: true, attempt: 0, restarting: false, atOnce: false, waiting: false, reason: null };

const go = (machine: Machine, change: Partial<Machine>, ...effects: Effect[]): Transition => ({ next: { ...machine, ...change }, effects });
const stay: Handler<MachineEvent> = (machine) => go(machine, {});

const start: Handler<MachineEvent> = (machine) =>
  machine.online
    ? go(machine, { status: 'connecting', wanted: true, attempt: 0, atOnce: false, waiting: false, reason: null }, 'open')
    : go(machine, { status: 'offline', wanted: true, attempt: 0, waiting: false });
const rest: Handler<MachineEvent> = (machine) =>
  go(machine, { status: 'idle', wanted: false, attempt: 0, waiting: false, reason: null }, 'cancelRetry', 'close');
const shut: Handler<Extract<MachineEvent, { type: 'disconnect' }>> = (machine, { reason }) =>
  go(machine, { status: 'closed', attempt: 0, waiting: false, reason }, 'cancelRetry', 'close');
const opened: Handler<MachineEvent> = (machine) => go(machine, { status: 'open', waiting: false, reason: null }, 'cancelRetry');
const retryLater: Handler<Extract<MachineEvent, { reason: RealtimeError }>> = (machine, { reason }) =>
  go(machine, { status: 'reconnecting', waiting: true, restarting: machine.restarting || reason.code === 'connection/server-restart', reason }, 'close', 'retry');
const retryNow: Handler<MachineEvent> = (machine) =>
  go(machine, { status: 'reconnecting', attempt: machine.attempt + 1, atOnce: false, waiting: false }, 'cancelRetry', 'close', 'open');
const goOffline: Handler<Extract<MachineEvent, { type: 'offline' }>> = (machine, { reason }) =>
  go(machine, { status: 'offline', online: false, waiting: false, reason }, 'cancelRetry', 'close');
const noteOnline: Handler<MachineEvent> = (machine) => go(machine, { online: true });
const noteOffline: Handler<MachineEvent> = (machine) => go(machine, { online: false });
/** A retry that waits is due when somebody is back to see it. */
const retryIfWaiting: Handler<MachineEvent> = (machine, event) => (machine.waiting ? retryNow({ ...machine, online: true }, event) : noteOnline(machine, event));

/** Every status × event pair, defined once. */
export const connectionTable: { readonly [S in ConnectionStatus]: Row } = {
  idle: {
    want: start, unwant: stay, opened: stay, lost: stay, retryDue: stay, timedOut: stay,
    online: noteOnline, offline: noteOffline, wake: stay, reconnect: stay,
    disconnect: (machine, { reason }) => go(machine, { status: 'closed', reason }),
  },
  connecting: {
    want: stay, unwant: rest, opened, lost: retryLater, retryDue: stay, timedOut: retryLater,
    online: noteOnline, offline: goOffline, wake: stay, reconnect: stay, disconnect: shut,
  },
  open: {
    want: stay, unwant: rest, opened: stay, retryDue: stay, timedOut: stay,
    // A socket that closes right after it opened is not a fresh start: the backoff goes on where it was.
    lost: (machine, event) => retryLater(event.stable ? { ...machine, attempt: 0, restarting: false } : machine, event),
    online: (machine) => go(machine, { online: true }, 'probe'), offline: goOffline,
    wake: (machine) => go(machine, {}, 'probe'), reconnect: retryNow, disconnect: shut,
  },
  reconnecting: {
    want: stay, unwant: rest, opened,
    // While a retry waits, the socket is gone anyway: late news of its end.
    lost: (machine, event) => (machine.waiting ? stay(machine, event) : retryLater(machine, event)),
    retryDue: (machine) => go(machine, { attempt: machine.attempt + 1, atOnce: isAtOnce(machine), waiting: false }, 'open'),
    timedOut: (machine, event) => (machine.waiting ? stay(machine, event) : retryLater(machine, event)),
    online: retryIfWaiting, offline: goOffline, wake: retryIfWaiting, reconnect: retryNow, disconnect: shut,
  },
  offline: {
    want: stay, unwant: rest,
    // The platform was wrong about the network.
    opened, lost: stay, retryDue: stay, timedOut: stay,
    online: (machine) => retryNow({ ...machine, online: true, attempt: 0 }, { type: 'reconnect' }),
    offline: stay, wake: stay, reconnect: retryNow, disconnect: shut,
  },
  closed: {
    want: (machine) => go(machine, { wanted: true }),
    unwant: (machine) => go(machine, { wanted: false }),
    opened: stay, lost: stay, retryDue: stay, timedOut: stay, online: noteOnline, offline: noteOffline, wake: stay,
    reconnect: (machine, event) => (machine.wanted ? start(machine, event) : go(machine, { status: 'idle', reason: null })),
    disconnect: stay,
  },
};

/** The next state and what to do about it. Pure, and defined for every status and event. */
export function transition(machine: Machine, event: MachineEvent): Transition {
  const row: Row = connectionTable[machine.status];
  const handler = row[event.type] as Handler<MachineEvent>; // the row types each handler by its own event
  return handler(machine, event);
}
