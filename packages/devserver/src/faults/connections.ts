import type { Time } from '../lib/time.ts';
import { LIMITS } from '../realtime/limits.ts';
import type { Link } from '../realtime/socket/link.ts';
import type { SocketSession } from '../realtime/socket/socketSession.ts';
import { DelayLine } from './delayLine.ts';

/** Says how long a frame of a socket is under way, in milliseconds. */
export type Latency = (session: SocketSession) => number;

/** The lines between sessions and sockets that faults lengthen or hold. A socket that none concerns has no link. */
export class Connections {
  readonly #time: Time;
  readonly #latencies = new Set<Latency>();
  readonly #links = new Map<SocketSession, FaultyLink>();

  constructor(time: Time) {
    this.#time = time;
  }

  /** Delays all sockets, those that open later too once they are {@link Connections.watch}ed. */
  slow(sessions: Iterable<SocketSession>, latency: Latency): () => void {
    this.#latencies.add(latency);
    for (const session of sessions) this.watch(session);
    return () => {
      this.#latencies.delete(latency);
      for (const link of this.#links.values()) link.flush();
    };
  }

  watch(session: SocketSession): void {
    this.#linkOf(session);
  }

  /** Stops both directions of a socket until the returned function is called; then everything goes on, late. */
  freeze(session: SocketSession): () => void {
    const link = this.#linkOf(session);
    const readOn = session.holdReading();
    link.hold();
    return () => {
      link.release();
      readOn();
    };
  }

  #linkOf(session: SocketSession): FaultyLink {
    const known = this.#links.get(session);
    if (known !== undefined) return known;
    const link = new FaultyLink(session, {
      time: this.#time,
      delayMs: () => [...this.#latencies].reduce((sum, latency) => sum + latency(session), 0),
      onIdle: () => this.#latencies.size === 0 && this.#forget(session),
      onGone: () => this.#links.delete(session),
    });
    this.#links.set(session, link);
    session.link = link;
    return link;
  }

  #forget(session: SocketSession): void {
    this.#links.delete(session);
    session.link = null;
  }
}

interface LinkOptions {
  time: Time;
  delayMs: () => number;
  onIdle: () => void;
  onGone: () => void;
}

class FaultyLink implements Link {
  readonly #session: SocketSession;
  readonly #options: LinkOptions;
  readonly #out: DelayLine;
  readonly #in: DelayLine;

  constructor(session: SocketSession, options: LinkOptions) {
    this.#session = session;
    this.#options = options;
    this.#out = new DelayLine(options.time);
    this.#in = new DelayLine(options.time);
  }

  outgoing(pass: () => void, bytes: number): void {
    this.#out.push(this.#options.delayMs(), this.#andRest(pass), bytes);
    // As for a client that reads too slowly: what waits for it must not fill the memory.
    if (this.#out.bytes > LIMITS.maxBufferedBytes) this.#session.drop();
  }

  incoming(pass: () => void): void {
    this.#in.push(this.#options.delayMs(), this.#andRest(pass));
  }

  hold(): void {
    this.#out.hold();
    this.#in.hold();
  }

  release(): void {
    this.#in.release();
    this.#out.release();
    this.#rest();
  }

  flush(): void {
    this.#in.flush();
    this.#out.flush();
    this.#rest();
  }

  dispose(): void {
    this.#out.clear();
    this.#in.clear();
    this.#options.onGone();
  }

  #andRest(pass: () => void): () => void {
    return () => {
      pass();
      this.#rest();
    };
  }

  #rest(): void {
    if (this.#out.idle && this.#in.idle) this.#options.onIdle();
  }
}
