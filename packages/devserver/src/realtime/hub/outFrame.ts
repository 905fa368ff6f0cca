import type { Vsn } from '../codec/message.ts';
import type { Broadcast } from './broadcast.ts';

/** A frame ready for a socket. */
export interface OutFrame {
  data: string | Buffer;
  binary: boolean;
}

/** Makes the frame of a broadcast once per protocol version, as bytes that all sockets share. */
export function sharedFrame(broadcast: Broadcast): (vsn: Vsn) => OutFrame | null {
  const made = new Map<Vsn, OutFrame | null>();
  return (vsn) => {
    const known = made.get(vsn);
    if (known !== undefined) return known;
    const frame = broadcast(vsn);
    const out = frame === null ? null : { data: Buffer.from(frame), binary: typeof frame !== 'string' };
    made.set(vsn, out);
    return out;
  };
}
