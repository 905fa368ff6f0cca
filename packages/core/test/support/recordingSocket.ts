import WebSocket from 'ws';

/** A transport that remembers its sockets and what they sent. */
export interface Recorder {
  readonly Transport: typeof WebSocket;
  readonly sockets: WebSocket[];
  /** Topics of the joins sent, in order. */
  joins(): string[];
  /** Topics of the leaves sent, in order. */
  leaves(): string[];
  /** Cuts every socket, without a close frame. */
  cut(): void;
}

export function createRecorder(): Recorder {
  const sockets: WebSocket[] = [];
  const sent: string[] = [];
  class Transport extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols);
      sockets.push(this);
    }
    override send(data: Parameters<WebSocket['send']>[0]): void {
      if (typeof data === 'string') sent.push(data);
      super.send(data);
    }
  }
  const topics = (wanted: string): string[] =>
    sent.flatMap((text) => {
      const [, , topic, event] = JSON.parse(text) as [unknown, unknown, string, string]; // protocol 2.0.0
      return event === wanted ? [topic] : [];
    });
  return {
    Transport: Transport as typeof WebSocket, // the same but for what it remembers
    sockets,
    joins: () => topics('phx_join'),
    leaves: () => topics('phx_leave'),
    cut() {
      for (const socket of sockets) socket.terminate();
    },
  };
}
