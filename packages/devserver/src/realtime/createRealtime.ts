import type { IncomingMessage as HttpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import type { Database } from '../database/database.ts';
import type { Time } from '../lib/time.ts';
import type { Logger } from '../logger.ts';
import type { Tokens } from '../tokens/index.ts';
import { createAuthorization } from './authorization.ts';
import { createMessageHistory } from './broadcast/messageHistory.ts';
import { isRealtimeSocket } from './handshake/handshake.ts';
import { reset } from './handshake/refuse.ts';
import { LIMITS } from './limits.ts';
import { RealtimeRun } from './realtimeRun.ts';
import { createBroadcastApi } from './rest/broadcastApi.ts';
import { createSeams, type RealtimeSeams } from './seams.ts';
import { Tenant, type LimitsOption } from './tenant/index.ts';
import { loggable } from '../errors.ts';
import { ServerSocket } from './socket/serverSocket.ts';

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
  /** Where faults step in; they outlive a restart. */
  seams: RealtimeSeams;
  /** The server's life at present; `null` while it is down. */
  readonly run: RealtimeRun | null;
  /** Takes the server down; resolves when its last socket is gone. Handshakes are reset until {@link Realtime.boot}. */
  halt(how: 'graceful' | 'brutal'): Promise<void>;
  /** Brings it up again, with empty rooms and deaf to what was committed meanwhile. */
  boot(): Promise<void>;
}

/** Supabase Realtime over WebSockets: channels, broadcast, presence and Postgres changes on an embedded database. */
export function createRealtime({ db, tokens, logger, time, limits = {} }: RealtimeOptions): Realtime {
  const tenant = new Tenant({ limits, time, logger });
  const seams = createSeams();
  const authorization = createAuthorization({ db, logger });
  const history = createMessageHistory(db);
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: LIMITS.maxFrameBytes, perMessageDeflate: false, WebSocket: ServerSocket });
  const timers = time.timers();
  const begin = () => new RealtimeRun({ db, webSockets, authorization, history, tokens, logger, time, seams, tenant });
  let run: RealtimeRun | null = begin();
  let ending: RealtimeRun | null = null;
  let halting: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;

  const prune = () => void history.prune().catch((error: unknown) => logger.warn('old messages could not be deleted', { error: loggable(error) }));
  tenant.onDisconnect(() => void run?.disconnect());

  return {
    seams,
    tenant,
    api: createBroadcastApi({ hub: () => run?.hub ?? null, authorization, tokens, tenant }),

    get run() {
      return run;
    },

    handleUpgrade(request, socket, head) {
      if (!isRealtimeSocket(request)) return false;
      socket.on('error', (error) => logger.debug('a connection failed', { error: error.message }));
      if (run === null) reset(socket);
      else {
        run.accept(request, socket, head).catch((error: unknown) => {
          logger.error('a handshake failed', { error: loggable(error) });
          socket.destroy();
        });
      }
      return true;
    },

    async start() {
      await run?.start();
      prune();
      timers.every(LIMITS.pruneEveryMs, prune);
    },

    async halt(how) {
      if (run !== null) {
        ending = run;
        run = null;
        halting = how === 'graceful' ? ending.shutDown() : ending.kill();
      } else if (how === 'brutal') {
        await ending?.kill();
      }
      await halting;
    },

    async boot() {
      await halting;
      if (run !== null || closing !== undefined) return;
      tenant.measureAnew();
      const next = begin();
      await next.start();
      run = next;
    },

    close: () =>
      (closing ??= (async () => {
        timers.clear();
        tenant.close();
        await ending?.kill();
        await run?.close();
        webSockets.close();
      })()),
  };
}
