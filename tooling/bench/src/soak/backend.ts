import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { RealtimeClient as SupabaseRealtime } from '@supabase/supabase-js';
import { WebSocket } from 'ws';
import type { Address, Restart } from './serverProcess.ts';

/** A dev server in another process. */
export interface Backend {
  /** Begins a restart; resolves once the server is going down. */
  restart(options: Restart): Promise<void>;
  /** Resets all sockets, and goes on. */
  drop(): Promise<void>;
  /** A client of supabase-js as an app has it, whose sockets can be watched and cut. */
  client(options: ClientOptions): RawClient;
  close(): Promise<void>;
}

interface ClientOptions {
  /** Hears of every join. */
  onJoin?: (() => void) | undefined;
  /** How long it waits before each reconnect. @defaultValue as supabase-js */
  reconnectAfterMs?: number;
}

/** A client, its socket, and how often it asked to join. */
interface RawClient {
  realtime: SupabaseRealtime;
  joins: () => number;
  /** Cuts its socket without a close frame. */
  cut: () => void;
}

/** Starts a dev server for a soak. */
export async function startBackend(): Promise<Backend> {
  const child = fork(fileURLToPath(new URL('./serverProcess.ts', import.meta.url)), { execArgv: ['--conditions', '@ruwad/source', '--import', 'tsx'] });
  const exited = once(child, 'exit');
  const [address] = (await Promise.race([once(child, 'message'), exited.then(() => Promise.reject(new Error('the dev server ended before it was up')))])) as [Address]; // its first message
  return {
    async restart(options) {
      child.send({ restart: options });
      await once(child, 'message');
    },
    async drop() {
      child.send('drop');
      await once(child, 'message');
    },
    client: (options) => rawClient(address, options),
    async close() {
      child.send('close');
      await exited;
    },
  };
}

function rawClient({ url, anonKey }: Address, { onJoin, reconnectAfterMs }: ClientOptions): RawClient {
  let joins = 0;
  let socket: WebSocket | null = null;
  class Transport extends WebSocket {
    constructor(target: string | URL, protocols?: string | string[]) {
      super(target, protocols);
      socket = this; // eslint-disable-line @typescript-eslint/no-this-alias -- the newest is the one to cut
    }
    override send(data: Parameters<WebSocket['send']>[0]): void {
      if (typeof data === 'string' && data.includes('"phx_join"')) {
        joins += 1;
        onJoin?.();
      }
      super.send(data);
    }
  }
  const realtime = new SupabaseRealtime(`${url.replace('http', 'ws')}/realtime/v1`, {
    params: { apikey: anonKey },
    transport: Transport as never, // its constructor takes more than supabase-js asks of one
    ...(reconnectAfterMs === undefined ? {} : { reconnectAfterMs: () => reconnectAfterMs }),
  });
  return { realtime, joins: () => joins, cut: () => socket?.terminate() };
}
