import type { Received } from './frames.ts';
import { hasPresenceRace, membersApart } from './presenceRace.ts';
import { commute, isOptional, isRacingReply, isRepeatedVerdict, racesWithJoin } from './tolerance.ts';
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
  /** Whether something made the server check Postgres changes again, and say so. */
  verdictsRepeat: boolean;
  /** Whether the recording stops while more was coming, so that the rest of it is not known. */
  unfinished?: boolean;
}

/** Compares a topic; where several came at once, by who came and went rather than by what told it. */
export function compareLane(lane: Lane, volatile: VolatileComparison): Difference[] {
  const before = volatile.pairs();
  const differences = compareInOrder(lane, volatile);
  if (differences.length === 0 || !hasPresenceRace(lane.recorded)) return differences;
  volatile.restore(before);
  const apart = compareInOrder({ ...lane, recorded: membersApart(lane.recorded), actual: membersApart(lane.actual) }, volatile);
  return apart.length === 0 ? [] : differences;
}

/**
 * Compares a topic in its order, but for neighbours that may come in either order: a recorded frame is matched with
 * the first equal one that came, if every frame before it that has no match yet may also come after it.
 */
function compareInOrder({ where, recorded, actual, racing, verdictsRepeat, unfinished = false }: Lane, volatile: VolatileComparison): Difference[] {
  const differences: Difference[] = [];
  const left = [...actual];
  const spare = { racing, verdictsRepeat: verdictsRepeat || recorded.some((frame, index) => isRepeatedVerdict(frame, recorded.slice(0, index))) };
  let known = unfinished ? 0 : actual.length;
  for (const [index, frame] of recorded.entries()) {
    const found = left.findIndex((candidate) => volatile.matches(frame, candidate));
    const optional = isOptional(frame, recorded.slice(0, index), recorded.slice(index + 1)) || (racing && isRacingReply(frame));
    if (found === -1) {
      if (!optional) differences.push({ where, what: 'missing', frame: frame.raw });
      continue;
    }
    const overtaken = left.slice(0, found).filter((other) => !isSpare(other, actual, spare));
    const inOrder = overtaken.every((other) => commute(frame, other) || (racing && racesWithJoin(frame, other)));
    if (!inOrder) differences.push({ where, what: 'out of order', frame: frame.raw });
    const [match] = left.splice(found, 1);
    known = Math.max(known, match ? actual.indexOf(match) : 0);
  }
  const extra = left.filter((frame) => !isSpare(frame, actual, spare) && actual.indexOf(frame) < known);
  return [...differences, ...extra.map((frame) => ({ where, what: 'unexpected' as const, frame: frame.raw }))];
}

function isSpare(frame: Received, actual: readonly Received[], { racing, verdictsRepeat }: Pick<Lane, 'racing' | 'verdictsRepeat'>): boolean {
  const at = actual.indexOf(frame);
  const [earlier, later] = [actual.slice(0, at), actual.slice(at + 1)];
  if (isRepeatedVerdict(frame, earlier)) return verdictsRepeat;
  return isOptional(frame, earlier, later) || (racing && isRacingReply(frame));
}
