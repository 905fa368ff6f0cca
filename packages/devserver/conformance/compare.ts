import type { Received } from './frames.ts';
import { commute, isOptional, isRacingReply, racesWithJoin } from './tolerance.ts';
import type { VolatileComparison } from './volatile.ts';

/** Something that differs, for people. */
export interface Difference {
  where: string;
  what: 'missing' | 'unexpected' | 'out of order';
  frame: string;
}

/** What one topic of one socket was to receive and did receive. */
export interface Lane {
  where: string;
  recorded: readonly Received[];
  actual: readonly Received[];
  /** Whether a leave and a join of this topic raced. */
  racing: boolean;
  /** Whether the recording stops while more was coming, so that the rest of it is not known. */
  unfinished?: boolean;
}

/**
 * Compares a topic in its order, but for neighbours that may come in either order: a recorded frame is matched with
 * the first equal one that came, if every frame before it that has no match yet may also come after it.
 */
export function compareLane({ where, recorded, actual, racing, unfinished = false }: Lane, volatile: VolatileComparison): Difference[] {
  const differences: Difference[] = [];
  const left = [...actual];
  let known = unfinished ? 0 : actual.length;
  for (const [index, frame] of recorded.entries()) {
    const found = left.findIndex((candidate) => volatile.matches(frame, candidate));
    const optional = isOptional(frame, recorded.slice(0, index), recorded.slice(index + 1)) || (racing && isRacingReply(frame));
    if (found === -1) {
      if (!optional) differences.push({ where, what: 'missing', frame: frame.raw });
      continue;
    }
    const overtaken = left.slice(0, found).filter((other) => !isSpare(other, actual, racing));
    const inOrder = overtaken.every((other) => commute(frame, other) || (racing && racesWithJoin(frame, other)));
    if (!inOrder) differences.push({ where, what: 'out of order', frame: frame.raw });
    const [match] = left.splice(found, 1);
    known = Math.max(known, match ? actual.indexOf(match) : 0);
  }
  const extra = left.filter((frame) => !isSpare(frame, actual, racing) && actual.indexOf(frame) < known);
  return [...differences, ...extra.map((frame) => ({ where, what: 'unexpected' as const, frame: frame.raw }))];
}

function isSpare(frame: Received, actual: readonly Received[], racing: boolean): boolean {
  const at = actual.indexOf(frame);
  return isOptional(frame, actual.slice(0, at), actual.slice(at + 1)) || (racing && isRacingReply(frame));
}
