/** What of a join is answered: supabase-js holds a channel for joined once its bindings have ids. */
export const BINDING_ID = 4242;

/** A WebSocket without a network, which accepts every join and confirms its subscription; the benchmark feeds it frames. */
export class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  /** The one opened last. */
  static last: FakeSocket | undefined;

  readyState = FakeSocket.CONNECTING;
  binaryType = 'arraybuffer';
  onopen: ((event: object) => void) | undefined;
  onmessage: ((event: { data: unknown }) => void) | undefined;
  onclose: ((event: { code: number }) => void) | undefined;

  constructor() {
    FakeSocket.last = this;
    queueMicrotask(() => {
      this.readyState = FakeSocket.OPEN;
      this.onopen?.({});
    });
  }

  send(text: string): void {
    const [joinRef, ref, topic, event, payload] = JSON.parse(text) as [string, string, string, string, { config?: { postgres_changes?: object[] } }];
    const answer = (name: string, body: unknown): void => { this.feed(JSON.stringify([joinRef, name === 'system' ? null : ref, topic, name, body])); };
    queueMicrotask(() => {
      const bindings = (payload.config?.postgres_changes ?? []).map((binding) => ({ ...binding, id: BINDING_ID }));
      answer('phx_reply', { status: 'ok', response: { postgres_changes: bindings } });
      if (event === 'phx_join') answer('system', { status: 'ok', extension: 'postgres_changes', message: 'Subscribed to PostgreSQL', channel: topic });
    });
  }

  /** A frame arrives: a text, or what the client's `decode` takes. */
  feed(data: unknown): void {
    this.onmessage?.({ data });
  }

  close(): void {
    this.readyState = FakeSocket.CLOSED;
    this.onclose?.({ code: 1000 });
  }
}
