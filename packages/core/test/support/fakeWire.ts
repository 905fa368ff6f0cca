import type { RealtimeError } from '../../src/index.ts';
import { createConnection, type ConnectionRunner } from '../../src/connection/connection.ts';
import { silentLogger, type Clock } from '../../src/index.ts';
import type { Join, JoinHandlers, JoinRequest, SocketHandlers, Wire } from '../../src/wire/types.ts';

/** A join as the fake saw it. */
interface FakeJoin {
  readonly request: JoinRequest;
  readonly handlers: JoinHandlers;
  left: boolean;
  readonly sent: { event: string; payload: unknown }[];
  readonly presence: unknown[];
}

/** A wire without a network: the test says what happens. */
export interface FakeWire extends Wire {
  readonly joins: FakeJoin[];
  /** The join made last. */
  last(): FakeJoin;
  opens: number;
  closes: number;
  /** The socket opens. */
  opened(): void;
  /** The socket is lost. */
  lost(error: RealtimeError): void;
  /** The server says something. */
  heard(): void;
  /** How often it was asked whether it lives. */
  probes: number;
  /** Whether open() and probe() succeed by themselves. */
  auto: boolean;
  authorization: () => Promise<void>;
  readonly listeners: number;
}

export function createFakeWire(): FakeWire {
  const listeners = new Set<SocketHandlers>();
  let isOpen = false;
  const wire: FakeWire = {
    joins: [],
    last() {
      const join = wire.joins.at(-1);
      if (join === undefined) throw new Error('nothing was joined');
      return join;
    },
    opens: 0,
    closes: 0,
    auto: true,
    authorization: () => Promise.resolve(),
    get listeners() {
      return listeners.size;
    },
    opened() {
      isOpen = true;
      for (const listener of listeners) listener.onOpen();
    },
    lost(error) {
      isOpen = false;
      for (const listener of listeners) listener.onLost(error);
    },
    heard() {
      for (const listener of listeners) listener.onHeard();
    },
    probes: 0,
    probe() {
      wire.probes += 1;
      if (wire.auto) wire.heard();
    },
    isOpen: () => isOpen,
    open() {
      wire.opens += 1;
      if (wire.auto) wire.opened();
    },
    close() {
      wire.closes += 1;
      isOpen = false;
      return Promise.resolve();
    },
    listen(handlers) {
      listeners.add(handlers);
      return () => listeners.delete(handlers);
    },
    authorize: () => wire.authorization(),
    join(request, handlers): Join {
      const join: FakeJoin = { request, handlers, left: false, sent: [], presence: [] };
      wire.joins.push(join);
      return {
        send(event, payload) {
          join.sent.push({ event, payload });
          return Promise.resolve();
        },
        track(state) {
          join.presence.push(state);
          return Promise.resolve();
        },
        untrack() {
          join.presence.push(null);
          return Promise.resolve();
        },
        presenceCalls: [],
        leave() {
          join.left = true;
          return Promise.resolve();
        },
      };
    },
  };
  return wire;
}

/** A connection over a fake wire, always online. */
export function fakeConnection(wire: Wire, clock: Clock): ConnectionRunner {
  return createConnection({ wire, clock, logger: silentLogger, random: () => 0.5, signals: { isOnline: () => true, isHidden: () => false, watch: () => () => undefined } });
}
