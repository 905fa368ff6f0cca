import { RealtimeClient as SupabaseRealtime } from '@supabase/supabase-js';
import { createRealtimeClient, decodeFrame, type RealtimeClient, type RealtimeClientOptions } from '../../src/index.ts';

/** An unmodified supabase-js without a network: joins are accepted, and frames arrive when the test says so. */
export interface MemorySocket {
  readonly realtime: RealtimeClient;
  /** Ref of the join of a topic. */
  joinRef(topic: string): string;
  /** A frame arrives; throws what supabase-js or the SDK throws. */
  feed(frame: string | ArrayBuffer): void;
}

/** How joins are answered: by the reply and the confirmation of their subscription, unless told otherwise. */
export interface MemorySocketOptions extends Partial<RealtimeClientOptions> {
  /** @defaultValue true */
  confirms?: boolean;
}

export function openMemorySocket({ confirms = true, ...options }: MemorySocketOptions = {}): MemorySocket {
  const refs = new Map<string, string>();
  let current: Socket | undefined;

  class Socket {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    readyState = Socket.CONNECTING;
    binaryType = 'arraybuffer';
    onopen?: (event: object) => void;
    onmessage?: (event: { data: unknown }) => void;
    onclose?: (event: { code: number }) => void;
    constructor() {
      // eslint-disable-next-line @typescript-eslint/no-this-alias -- supabase-js makes the socket, the test feeds it
      current = this;
      queueMicrotask(() => {
        this.readyState = Socket.OPEN;
        this.onopen?.({});
      });
    }
    send(text: string): void {
      const [joinRef, ref, topic, event, { config }] = JSON.parse(text) as [string, string, string, string, { config?: { postgres_changes?: object[] } }];
      if (event === 'phx_join') refs.set(topic, joinRef);
      const answer = (name: string, body: unknown): void => { this.onmessage?.({ data: JSON.stringify([joinRef, name === 'system' ? null : ref, topic, name, body]) }); };
      queueMicrotask(() => {
        answer('phx_reply', { status: 'ok', response: { postgres_changes: (config?.postgres_changes ?? []).map((binding, id) => ({ ...binding, id: id + 1 })) } });
        if (event === 'phx_join' && confirms) answer('system', { status: 'ok', extension: 'postgres_changes', message: 'Subscribed to PostgreSQL', channel: topic });
      });
    }
    close(): void {
      this.readyState = Socket.CLOSED;
      this.onclose?.({ code: 1000 });
    }
  }

  const supabase = new SupabaseRealtime('ws://localhost/realtime/v1', { params: { apikey: 'x' }, transport: Socket as never, decode: decodeFrame }); // as much of a WebSocket as supabase-js uses
  return {
    realtime: createRealtimeClient({ supabase, ...options }),
    joinRef: (topic) => refs.get(`realtime:${topic}`) ?? '',
    feed(data) {
      current?.onmessage?.({ data });
    },
  };
}
