import type { WebSocketLikeConstructor } from '@supabase/supabase-js';
import { WebSocket } from 'ws';
import { createTimeline, type Timeline } from './timeline.ts';

/** A text frame between supabase-js and the server, in the terms of protocol version 2. */
interface Frame {
  direction: 'sent' | 'received';
  /** Without the `realtime:` prefix. */
  topic: string;
  event: string;
}

/** What crossed the sockets of one supabase-js client, seen from outside every layer under test. */
export interface Recording {
  /** The WebSocket class to hand to supabase-js as `realtime.transport`. */
  readonly transport: WebSocketLikeConstructor;
  /** Every text frame; those received are written down as they arrive, held back or not. */
  readonly frames: Timeline<Frame>;
  /** Sockets opened so far. */
  readonly sockets: () => number;
  /** How many frames of `event` were sent, for one topic or for all. */
  readonly sent: (event: 'phx_join' | 'phx_leave', topic?: string) => number;
  /** Keeps received frames of `event` from the client until the returned function is called. */
  readonly hold: (event: string) => () => void;
  /** Cuts every open socket without a closing handshake, as a lost network does. */
  readonly cut: () => void;
}

const PREFIX = 'realtime:';

/** Makes a recording and the WebSocket class that feeds it. */
export function createRecording(): Recording {
  const frames = createTimeline<Frame>();
  const held = new Map<string, (() => void)[]>();
  const sockets: WebSocket[] = [];

  const record = (direction: Frame['direction'], text: string) => {
    const [, , topic, event] = JSON.parse(text) as [unknown, unknown, string, string]; // protocol version 2
    frames.push({ direction, topic: topic.startsWith(PREFIX) ? topic.slice(PREFIX.length) : topic, event });
    return event;
  };

  class RecordingSocket extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols);
      sockets.push(this);
    }

    override emit(name: string | symbol, ...args: unknown[]): boolean {
      const deliver = () => super.emit(name, ...args);
      // Binary frames carry broadcasts only; joins, leaves and verdicts are always text.
      if (name !== 'message' || args[1] === true) return deliver();
      const queue = held.get(record('received', String(args[0])));
      if (!queue) return deliver();
      queue.push(deliver);
      return true;
    }

    override send(data: Parameters<WebSocket['send']>[0]) {
      if (typeof data === 'string') record('sent', data);
      super.send(data); // realtime-js gives data alone
    }
  }

  return {
    transport: RecordingSocket as unknown as WebSocketLikeConstructor, // the events of `ws` only look like those of the DOM
    frames,
    sockets: () => sockets.length,
    sent: (event, topic) =>
      frames.all.filter((frame) => frame.direction === 'sent' && frame.event === event && frame.topic === (topic ?? frame.topic)).length,
    hold: (event) => {
      held.set(event, []);
      return () => {
        const queue = held.get(event) ?? [];
        held.delete(event);
        for (const deliver of queue) deliver();
      };
    },
    cut: () => {
      for (const socket of sockets) socket.terminate();
    },
  };
}
