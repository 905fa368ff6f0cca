/** A message of protocol 2.0.0: join ref, ref, topic, event, payload. */
export type Message = readonly [joinRef: string | null, ref: string | null, topic: string, event: string, payload: unknown];

/** A transport for supabase-js whose other side the test writes. */
export interface ScriptedServer {
  readonly Transport: typeof WebSocket;
  /** The socket opened last. */
  socket(): ScriptedSocket;
  /** Joins sent so far, over all sockets. */
  joins(): Message[];
}

/** The server's side of one socket. */
interface ScriptedSocket {
  say(message: Message): void;
  /** Accepts a join, without bindings. */
  accept(join: Message): void;
  close(code: number): void;
}

/** Makes the transport; it opens at once, answers heartbeats and leaves, and nothing else. */
export function createScriptedServer(): ScriptedServer {
  const sockets: (ScriptedSocket & { joins: Message[] })[] = [];

  class Transport implements ScriptedSocket {
    readonly joins: Message[] = [];
    readyState = 0;
    binaryType = 'arraybuffer';
    onopen: ((event: unknown) => void) | null = null;
    onmessage: ((event: { data: string }) => void) | null = null;
    onclose: ((event: { code: number; reason: string; wasClean: boolean }) => void) | null = null;
    onerror: ((event: unknown) => void) | null = null;

    constructor(readonly url: string) {
      sockets.push(this);
      queueMicrotask(() => {
        this.readyState = 1;
        this.onopen?.({});
      });
    }
    send(data: string | ArrayBuffer): void {
      if (typeof data !== 'string') return; // a broadcast
      const message = JSON.parse(data) as Message;
      const [joinRef, ref, topic, event] = message;
      if (event === 'phx_join') this.joins.push(message);
      if (event === 'heartbeat' || event === 'phx_leave') queueMicrotask(() => { this.say([joinRef, ref, topic, 'phx_reply', { status: 'ok', response: {} }]); });
    }
    say(message: Message): void {
      if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(message) });
    }
    accept([joinRef, ref, topic]: Message): void {
      this.say([joinRef, ref, topic, 'phx_reply', { status: 'ok', response: { postgres_changes: [] } }]);
    }
    close(code = 1000): void {
      if (this.readyState === 3) return;
      this.readyState = 3;
      queueMicrotask(() => this.onclose?.({ code, reason: '', wasClean: true }));
    }
  }
  return {
    Transport: Transport as unknown as typeof WebSocket, // the part of one that supabase-js uses
    socket() {
      const last = sockets.at(-1);
      if (last === undefined) throw new Error('no socket was opened');
      return last;
    },
    joins: () => sockets.flatMap(({ joins }) => joins),
  };
}
