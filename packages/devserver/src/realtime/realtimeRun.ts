import type { IncomingMessage as HttpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Server as WebSocketServer } from 'ws';
import { relayDatabaseBroadcasts, type BroadcastRelay } from './broadcast/databaseBroadcasts.ts';
import { createChangeFeed, type ChangeFeed } from './changes/index.ts';
import type { ChannelContext } from './channel/context.ts';
import { shakeHands } from './handshake/handshake.ts';
import { refuse, reset } from './handshake/refuse.ts';
import { Hub } from './hub/hub.ts';
import { LIMITS } from './limits.ts';
import type { HandshakeRefusal } from './seams.ts';
import { SERVICE_RESTART, SocketSession } from './socket/socketSession.ts';
import type { ServerSocket } from './socket/serverSocket.ts';
import type { Database } from '../database/database.ts';
import type { Timers } from '../lib/time.ts';

/** What outlives a restart of the server. */
export interface RealtimeRunOptions extends Omit<ChannelContext, 'hub' | 'feed'> {
  db: Database;
  /** Makes WebSockets of connections; shared by all runs. */
  webSockets: WebSocketServer<typeof ServerSocket>;
}

/** One life of the Realtime server, from start to stop: sockets, rooms, presence and subscriptions end with it. */
export class RealtimeRun {
  readonly hub = new Hub();
  readonly feed: ChangeFeed;
  readonly sessions = new Set<SocketSession>();
  readonly #context: ChannelContext;
  readonly #webSockets: WebSocketServer<typeof ServerSocket>;
  readonly #db: Database;
  readonly #timers: Timers;
  #relay: BroadcastRelay | null = null;
  #stopped = false;
  /** Handshakes whose refusal is held back. */
  readonly #refused = new Set<Duplex>();
  #ending: Promise<void> | undefined;
  /** Ends the wait of a shutdown. */
  #hurry: () => void = () => undefined;

  constructor({ db, webSockets, ...shared }: RealtimeRunOptions) {
    this.feed = createChangeFeed({ db, ...shared });
    this.#context = { ...shared, hub: this.hub, feed: this.feed };
    this.#webSockets = webSockets;
    this.#db = db;
    this.#timers = shared.time.timers();
  }

  /** Begins to hear the database; what was committed before is not told. */
  async start(): Promise<void> {
    await this.feed.start();
    this.#relay = await relayDatabaseBroadcasts({ db: this.#db, hub: this.hub, logger: this.#context.logger, rate: this.#context.tenant.rates.maxEventsPerSecond });
  }

  /** Answers a handshake, with a socket or a refusal. */
  async accept(request: HttpRequest, connection: Duplex, head: Buffer): Promise<void> {
    const refusal = this.#refusal();
    if (refusal === 'reset') return reset(connection);
    if (refusal !== null) return this.#refuseLate(connection, refusal);
    const handshake = await shakeHands(request, this.#context);
    if (this.#stopped) return void connection.destroy();
    if (!handshake.ok) {
      if (handshake.held) this.#refuseLate(connection, handshake);
      else refuse(connection, handshake.status, handshake.body);
      return;
    }
    const { codec, apiKey, caller } = handshake;
    this.#webSockets.handleUpgrade(request, connection, head, (socket) => {
      const session = new SocketSession({ socket, connection, codec, apiKey, caller, context: this.#context, onEnd: () => this.#count(() => this.sessions.delete(session)) });
      this.#count(() => this.sessions.add(session));
      for (const step of this.#context.seams.opened.steps ?? []) step(session);
    });
  }

  /** Throws everybody out, as the real server does when a tenant is switched; they may come back at once. Resolves when the last socket is gone. */
  async disconnect(): Promise<void> {
    await Promise.all([...this.sessions].map((session) => session.disconnect()));
  }

  /**
   * Resolves once everything committed before has reached the client behind every socket, but for what faults hold
   * back. A client that does not answer pings is waited for until its socket closes.
   */
  async settled(): Promise<void> {
    // Comes after all statements asked for before; what they notify of is heard with it.
    await this.#db.query('select 1');
    await Promise.all([this.feed.settled(), this.#relay?.settled()]);
    await Promise.all([...this.sessions].map((session) => session.settled()));
  }

  /** Closes every socket with 1012 and stops. */
  async close(): Promise<void> {
    this.#stopped = true;
    await Promise.all(
      [...this.sessions].map((session) => {
        session.unlink();
        return session.close(SERVICE_RESTART);
      }),
    );
    await this.#end();
  }

  /**
   * Stops as the real server does on SIGTERM (09a, 09f): sockets with channels close with 1012; one that tracks a
   * presence hears that its channel crashed; that one, and sockets without channels, are cut off when the process ends.
   */
  async shutDown(): Promise<void> {
    this.#stopped = true;
    const left: SocketSession[] = [];
    const closing: Promise<void>[] = [];
    // Nobody is told of anybody's leaving any more.
    this.hub.dissolve();
    for (const session of this.sessions) {
      const { channels } = session;
      const present = channels.filter((channel) => channel.room.presence.has(channel));
      for (const channel of present) channel.port.crash(channel, 'the server shuts down');
      if (channels.length === 0 || present.length > 0) left.push(session);
      else closing.push(session.close(SERVICE_RESTART));
    }
    for (const session of left) session.holdReading();
    // Who is there at the end of the process, for want of a channel or of a connection that works, is cut off.
    await Promise.race([this.#processEnd(), ...(left.length === 0 ? [Promise.all(closing)] : [])]);
    for (const session of this.sessions) session.drop();
    await this.#end();
  }

  /** Stops as a killed process does: every connection is reset, and nothing is said. */
  async kill(): Promise<void> {
    this.#stopped = true;
    this.#hurry();
    this.hub.dissolve();
    for (const session of this.sessions) session.drop();
    await this.#end();
  }

  #refuseLate(connection: Duplex, { status, body }: { status: number; body: string }): void {
    this.#refused.add(connection);
    this.#timers.after(LIMITS.refusedHandshakeMs, () => {
      this.#refused.delete(connection);
      refuse(connection, status, body);
    });
  }

  #count(change: () => void): void {
    change();
    for (const step of this.#context.seams.population.steps ?? []) step();
  }

  #processEnd(): Promise<void> {
    return new Promise((resolve) => {
      this.#hurry = resolve;
      this.#timers.after(LIMITS.shutdownMs, resolve);
    });
  }

  #end(): Promise<void> {
    return (this.#ending ??= (async () => {
      this.#timers.clear();
      for (const connection of this.#refused) reset(connection);
      await this.#relay?.stop();
      await this.feed.close();
    })());
  }

  #refusal(): HandshakeRefusal | null {
    if (this.#stopped) return 'reset';
    for (const step of this.#context.seams.handshake.steps ?? []) {
      const refusal = step();
      if (refusal !== null) return refusal;
    }
    return null;
  }
}
