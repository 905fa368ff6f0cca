import type { IncomingMessage as HttpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import type { Database } from '../database/database.ts';
import type { Time } from '../lib/time.ts';
import type { Logger } from '../logger.ts';
import type { Tokens } from '../tokens/index.ts';
import { createAuthorization } from './authorization.ts';
import { relayDatabaseBroadcasts } from './broadcast/databaseBroadcasts.ts';
import { createMessageHistory } from './broadcast/messageHistory.ts';
import { createChangeFeed } from './changes/index.ts';
import type { ChannelContext } from './channel/context.ts';
import { isRealtimeSocket, shakeHands } from './handshake/handshake.ts';
import { refuse } from './handshake/refuse.ts';
import { Hub } from './hub/hub.ts';
import { LIMITS } from './limits.ts';
import { createBroadcastApi } from './rest/broadcastApi.ts';
import { SocketSession } from './socket/socketSession.ts';
import { Tenant, type LimitsOption } from './tenant/index.ts';

/** Options of {@link createRealtime}. */
export interface RealtimeOptions {
  db: Database;
  tokens: Tokens;
  logger: Logger;
  time: Time;
  /** @defaultValue `{}` */
  limits?: LimitsOption;
}

/** The Realtime part of the dev server. */
export interface Realtime {
  /** Broadcasts over HTTP, to be mounted at `/realtime/v1/api` and `/api`. */
  api: Hono;
  /** The project's settings, changeable at any time. */
  tenant: Tenant;
  /** Takes the upgrade of a Realtime socket; `false` when the request asks for something else. */
  handleUpgrade(request: HttpRequest, socket: Duplex, head: Buffer): boolean;
  /** Begins to hear the database. */
  start(): Promise<void>;
  /** Closes every socket (1012, as at a restart) and stops. Safe to call twice. */
  close(): Promise<void>;
}

/** Close code of sockets whose server goes away, by which clients come back at once. */
const SERVICE_RESTART = 1012;

/** Supabase Realtime over WebSockets: channels, broadcast, presence and Postgres changes on an embedded database. */
export function createRealtime({ db, tokens, logger, time, limits = {} }: RealtimeOptions): Realtime {
  const tenant = new Tenant({ limits, time, logger });
  const hub = new Hub();
  const authorization = createAuthorization({ db, logger });
  const feed = createChangeFeed({ db, logger, time });
  const history = createMessageHistory(db);
  const context: ChannelContext = { hub, authorization, feed, history, tokens, logger, time };
  const sessions = new Set<SocketSession>();
  const server = new WebSocketServer({ noServer: true, maxPayload: LIMITS.maxFrameBytes, perMessageDeflate: false });
  const timers = time.timers();
  let stopRelay: () => Promise<void> = () => Promise.resolve();
  let closing: Promise<void> | undefined;

  const accept = async (request: HttpRequest, connection: Duplex, head: Buffer): Promise<void> => {
    const handshake = await shakeHands(request, tokens);
    if (closing) return void connection.destroy();
    if (!handshake.ok) {
      const answer = () => refuse(connection, handshake.status, handshake.body);
      if (handshake.held) timers.after(LIMITS.refusedHandshakeMs, answer);
      else answer();
      return;
    }
    const { codec, apiKey } = handshake;
    server.handleUpgrade(request, connection, head, (socket) => {
      const session = new SocketSession({ socket, connection, codec, apiKey, context, onEnd: () => sessions.delete(session) });
      sessions.add(session);
    });
  };

  const prune = () => void history.prune().catch((error: unknown) => logger.warn('old messages could not be deleted', { error: String(error) }));

  return {
    api: createBroadcastApi({ hub, authorization, tokens }),
    tenant,

    handleUpgrade(request, socket, head) {
      if (!isRealtimeSocket(request)) return false;
      socket.on('error', (error) => logger.debug('a connection failed', { error: error.message }));
      accept(request, socket, head).catch((error: unknown) => {
        logger.error('a handshake failed', { error: String(error) });
        socket.destroy();
      });
      return true;
    },

    async start() {
      await feed.start();
      stopRelay = await relayDatabaseBroadcasts({ db, hub, logger });
      prune();
      timers.every(LIMITS.pruneEveryMs, prune);
    },

    close: () =>
      (closing ??= (async () => {
        timers.clear();
        tenant.close();
        await Promise.all([...sessions].map((session) => session.close(SERVICE_RESTART)));
        await stopRelay();
        await feed.close();
        server.close();
      })()),
  };
}
