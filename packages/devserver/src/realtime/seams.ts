import type { Caller } from '../database/database.ts';
import type { ChangeTap } from './changes/tap.ts';
import type { SocketSession } from './socket/socketSession.ts';

/** A place where faults can step in. While nobody does, `steps` is `null`: looking costs one property. */
export class Seam<Step> {
  steps: readonly Step[] | null = null;

  /** Adds a step after those already there; returns what takes it out again. Safe to call twice. */
  insert(step: Step): () => void {
    this.steps = [...(this.steps ?? []), step];
    return () => {
      const rest = this.steps?.filter((other) => other !== step) ?? [];
      this.steps = rest.length === 0 ? null : rest;
    };
  }
}

/** A channel as faults choose it: its topic without prefix, and who is on it. */
export interface ChannelSubject {
  name: string;
  caller: Caller;
}

/** The `join_ref` of a push and that of the join it comes after, as JSON text. */
export interface PushSubject {
  joinRef: string;
  channelJoinRef: string;
}

/** A push whose `join_ref` is missing or that of an older join, which Phoenix 1.8.3 and later drops as released (04e). */
export function isOfNoJoin({ joinRef, channelJoinRef }: PushSubject): boolean {
  return joinRef !== channelJoinRef;
}

/** An HTTP answer in place of a WebSocket, or `reset` for a connection that breaks off. */
export type HandshakeRefusal = { status: number; body: string } | 'reset';

/** Where faults can step into Realtime. */
export interface RealtimeSeams {
  /** Before a handshake is judged; `null` lets it pass. */
  handshake: Seam<() => HandshakeRefusal | null>;
  /** A socket has opened. */
  opened: Seam<(session: SocketSession) => void>;
  /** After a join was found good: the reason why it is refused after all, or `null`. */
  join: Seam<(join: ChannelSubject) => string | null>;
  /** Before a push on a joined topic is handled; `true` drops it without a word. */
  push: Seam<(push: PushSubject) => boolean>;
  /** Before Postgres changes are subscribed, which waits; a text is the exception that it fails with. */
  subscribe: Seam<(channel: ChannelSubject) => Promise<string | null>>;
  /** Between changes and the channels they go to. */
  changes: Seam<ChangeTap>;
  /** Sockets or channels came, went or became live. */
  population: Seam<() => void>;
}

export function createSeams(): RealtimeSeams {
  return { handshake: new Seam(), opened: new Seam(), join: new Seam(), push: new Seam(), subscribe: new Seam(), changes: new Seam(), population: new Seam() };
}
