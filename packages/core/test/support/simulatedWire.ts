import { RealtimeError, type Clock, type ErrorCode } from '../../src/index.ts';
import type { Join, JoinHandlers, JoinRequest, SocketHandlers, Wire } from '../../src/wire/types.ts';

/** How a simulated server behaves towards what comes next. */
export interface World {
  /** `silent`: it neither refuses nor answers, as behind a router that drops packets. */
  server: 'up' | 'down' | 'silent';
  token: 'valid' | 'expired' | 'missing' | 'never';
  /** What a join gets: accepted, refused with a code, or no answer. */
  joins: 'ok' | 'silent' | ErrorCode;
  /** What the replication subscription gets. */
  subscriptions: 'ok' | 'silent' | ErrorCode;
}

/** A join that went out. */
interface SimulatedJoin {
  readonly topic: string;
  readonly at: number;
  readonly token: World['token'];
  /** Until it is left, refused, closed, or its socket is gone. */
  open: boolean;
  answered: boolean;
  readonly handlers: JoinHandlers;
}

/** A wire to a server that lives on the test's clock. */
export interface SimulatedWire extends Wire {
  readonly world: World;
  readonly joins: SimulatedJoin[];
  readonly openJoins: () => SimulatedJoin[];
  /** Sockets that are open or opening. */
  readonly sockets: () => number;
  readonly listeners: () => number;
  /** The socket is cut with a code; null is a cut that nobody is told of. */
  cut(error: RealtimeError | null): void;
}

const LATENCY_MS = 20;
const SUBSCRIBE_MS = 200;
const error = (code: ErrorCode): RealtimeError => new RealtimeError(code, 'simulated');

/** Makes the wire; its timers are the server's and end with `world.server` or the socket, never with the client. */
export function createSimulatedWire(clock: Clock): SimulatedWire {
  const world: World = { server: 'up', token: 'valid', joins: 'ok', subscriptions: 'ok' };
  const joins: SimulatedJoin[] = [];
  const listeners = new Set<SocketHandlers>();
  /** Names the socket; what belongs to an older one does not happen. */
  let socket = 0;
  let state: 'closed' | 'opening' | 'open' | 'half-open' = 'closed';

  const later = (delayMs: number, action: () => void): void => {
    const mine = socket;
    clock.setTimeout(() => {
      if (mine === socket) action();
    }, delayMs);
  };
  const tell = (notify: (handlers: SocketHandlers) => void): void => {
    for (const handlers of [...listeners]) notify(handlers);
  };
  const end = (): void => {
    socket += 1;
    state = 'closed';
    for (const join of joins) join.open = false;
  };
  const lose = (reason: RealtimeError): void => {
    end();
    tell((handlers) => { handlers.onLost(reason); });
  };
  const refuse = (join: SimulatedJoin, code: ErrorCode): void => {
    if (!join.open) return;
    join.open = false;
    join.handlers.onEnded(error(code));
  };
  const answer = (join: SimulatedJoin, bindings: number): void => {
    if (!join.open || state !== 'open' || world.server === 'silent' || world.joins === 'silent') return;
    if (world.joins !== 'ok') {
      refuse(join, world.joins);
      return;
    }
    join.answered = true;
    join.handlers.onJoined();
    if (bindings === 0) return;
    later(SUBSCRIBE_MS, () => {
      if (!join.open || state !== 'open' || world.subscriptions === 'silent') return;
      if (world.subscriptions === 'ok') join.handlers.onSubscribed();
      else refuse(join, world.subscriptions);
    });
  };

  return {
    world,
    joins,
    openJoins: () => joins.filter((join) => join.open),
    sockets: () => (state === 'closed' ? 0 : 1),
    listeners: () => listeners.size,
    cut(reason) {
      if (state !== 'open') return;
      if (reason === null) state = 'half-open';
      else lose(reason);
    },
    isOpen: () => state === 'open' || state === 'half-open',
    open() {
      end();
      state = 'opening';
      later(LATENCY_MS, () => {
        if (world.server === 'silent') return;
        if (world.server === 'down') {
          lose(error('connection/refused'));
          return;
        }
        state = 'open';
        tell((handlers) => { handlers.onOpen(); });
      });
    },
    close() {
      end();
      return Promise.resolve();
    },
    probe() {
      later(LATENCY_MS, () => {
        if (state === 'open' && world.server === 'up') tell((handlers) => { handlers.onHeard(); });
      });
    },
    listen(handlers) {
      listeners.add(handlers);
      return () => listeners.delete(handlers);
    },
    authorize: () =>
      new Promise((resolve, reject) => {
        const waitMs = world.token === 'never' ? 5_000 : 1;
        clock.setTimeout(() => {
          if (world.token === 'valid') resolve();
          else reject(error(world.token === 'expired' ? 'auth/token-expired' : 'auth/token-unavailable'));
        }, waitMs);
      }),
    join({ topic, bindings }: JoinRequest, handlers): Join {
      const join: SimulatedJoin = { topic, at: clock.now(), token: world.token, open: true, answered: false, handlers };
      joins.push(join);
      later(LATENCY_MS, () => { answer(join, bindings.length); });
      // As supabase-js does, whose timer does not care for the socket.
      clock.setTimeout(() => { if (!join.answered) refuse(join, 'channel/join-timeout'); }, 10_000);
      const push = (): Promise<void> => (join.open && state === 'open' ? Promise.resolve() : Promise.reject(error('channel/not-live')));
      return {
        send: push,
        track: push,
        untrack: push,
        presenceCalls: [],
        leave() {
          join.open = false;
          return Promise.resolve();
        },
      };
    },
  };
}
