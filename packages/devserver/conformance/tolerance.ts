import type { Exact } from './exactJson.ts';
import { fieldsOf, type Received } from './frames.ts';
import type { Line } from './recording.ts';

/*
 * What the real server leaves to chance, from PROTOCOL.md and the recordings' README. Everything else is compared in
 * the order of one socket and topic.
 */

/**
 * Whether two neighbouring frames of one topic may come in either order:
 *
 * - `presence_diff` with the reply to the call that caused it, with `phx_close` and with broadcasts and changes: it
 *   comes from another process ("in EITHER order", 05a, 05g).
 * - the verdict on Postgres changes with `presence_state`, presence and replies to later pushes: the subscription is
 *   made by another process ("its order to presence_state varies").
 * - `presence_state` with the reply to a push that did not wait for it: it is a message of the channel to itself (05e).
 * - two `presence_diff` about different members: each comes from its member's own process (05g, six at once).
 */
export function commute(a: Received, b: Received): boolean {
  if (a.event === 'presence_diff' && b.event === 'presence_diff') return areOfDifferentMembers(a, b);
  if (isMember(a) && isMember(b)) return a.event === b.event || !sharesRef(a, b);
  return ORDERLESS.some(([first, second]) => (first(a) && second(b)) || (first(b) && second(a)));
}

type Test = (frame: Received) => boolean;

const named = (event: string): Test => (frame) => frame.event === event;
/** Who came or went, see `membersApart`. */
const isMember: Test = (frame) => frame.event.startsWith('member ');
const isPresence: Test = (frame) => frame.event === 'presence_diff' || isMember(frame);
export const isVerdict: Test = (frame) => frame.event === 'system' && fieldOf(frame, 'extension') === 'postgres_changes';
/** A join's reply lists bindings; those of other pushes do not. */
const isPushReply: Test = (frame) => {
  const response = fieldOf(frame, 'response');
  return frame.event === 'phx_reply' && !(response instanceof Map && response.has('postgres_changes'));
};

const ORDERLESS: [Test, Test][] = [
  [isPresence, isPushReply],
  [isPresence, named('phx_close')],
  [isPresence, named('broadcast')],
  [isPresence, named('postgres_changes')],
  [isMember, named('presence_state')],
  [isVerdict, named('presence_state')],
  [isVerdict, isPresence],
  [isVerdict, isPushReply],
  [isVerdict, named('broadcast')],
  [named('presence_state'), isPushReply],
];

/**
 * Whether a frame may be missing or be one too many:
 *
 * - a `presence_diff` after a `phx_close` of the same topic, and one just before it that only tells who left: others who
 *   leave at the same moment are told of each other or not (05a, 05g).
 * - a repeated "Subscribed to PostgreSQL" (13*): the real server says it again whenever it checks; ours may where it has
 *   a reason to, see `Lane.verdictsRepeat`.
 * - a change made before the verdict on its subscription: "changes committed up to ~500 ms before the join may be
 *   delivered; from 'Subscribed to PostgreSQL' on they are" (13c). The script marks it.
 */
export function isOptional(frame: Received, earlier: readonly Received[], later: readonly Received[]): boolean {
  if (frame.mayBeMissing === true) return true;
  const lastEnd = lastIndex(earlier, (other) => other.event === 'phx_close');
  const lastJoin = lastIndex(earlier, (other) => other.event === 'phx_reply' && !isPushReply(other));
  if (isPresence(frame)) return lastEnd > lastJoin || (onlyTellsWhoLeft(frame) && isJustBeforeClose(later));
  return isRepeatedVerdict(frame, earlier);
}

/** Whether a frame says "Subscribed to PostgreSQL" once more of one join. */
export function isRepeatedVerdict(frame: Received, earlier: readonly Received[]): boolean {
  const isOk = (other: Received) => isVerdict(other) && fieldOf(other, 'status') === 'ok';
  const lastJoin = lastIndex(earlier, (other) => other.event === 'phx_reply' && !isPushReply(other));
  return isOk(frame) && earlier.slice(lastJoin + 1).some(isOk);
}

function onlyTellsWhoLeft(frame: Received): boolean {
  return frame.event === 'member went' || (frame.event === 'presence_diff' && membersIn(frame, 'joins').length === 0);
}

/**
 * Refs of leaves that a join followed without waiting (04d): the leave may get no reply, and the old channel's
 * `phx_close` may come on either side of the new join's reply.
 */
export function racingLeaves(lines: readonly Line[]): Set<string> {
  const racing = new Set<string>();
  for (const [index, line] of lines.entries()) {
    const next = lines[index + 1];
    if (line.dir !== 'out' || next?.dir !== 'out' || line.conn !== next.conn) continue;
    const [leave, join] = [line, next].map((sent) => /"(phx_leave|phx_join)"/.exec(sent.frame ?? '')?.[1]);
    const [from, to] = [line, next].map((sent) => /"realtime:[^"]*"/.exec(sent.frame ?? '')?.[0]);
    if (leave === 'phx_leave' && join === 'phx_join' && from === to) racing.add(`${line.conn ?? ''} ${from ?? ''}`);
  }
  return racing;
}

/** The answer to a leave that raced with a join, which may be missing. */
export function isRacingReply(frame: Received): boolean {
  return isPushReply(frame);
}

/** In a race of {@link racingLeaves} `phx_close` comes when it comes. */
export function racesWithJoin(a: Received, b: Received): boolean {
  return [a, b].some(named('phx_close')) && [a, b].some(named('phx_reply'));
}

/** Different keys; or one key that several came to at once, or went from, or changed what they said under. */
function areOfDifferentMembers(a: Received, b: Received): boolean {
  const areUpdates = [a, b].every((diff) => membersIn(diff, 'joins').length > 0 && membersIn(diff, 'leaves').length > 0);
  if (areUpdates && !sharesRef(a, b)) return true;
  const joins = [a, b].flatMap((diff) => membersIn(diff, 'joins'));
  const leaves = [a, b].flatMap((diff) => membersIn(diff, 'leaves'));
  if (joins.length === 0 || leaves.length === 0) return true;
  const [ofA = [], ofB = []] = [a, b].map((diff) => [...membersIn(diff, 'joins'), ...membersIn(diff, 'leaves')]);
  return ofA.every((key) => !ofB.includes(key));
}

/** Whether two frames are about the same meta. */
function sharesRef(a: Received, b: Received): boolean {
  const ofB = refsIn(b.content);
  return refsIn(a.content).some((ref) => ofB.includes(ref));
}

/** Every `phx_ref` in a frame, however deep. */
function refsIn(content: Exact): string[] {
  if (Array.isArray(content)) return content.flatMap(refsIn);
  if (!(content instanceof Map)) return [];
  return [...content].flatMap(([key, value]) => (key === 'phx_ref' && typeof value === 'string' ? [value] : refsIn(value)));
}

/** Keys on one side of a presence diff. */
function membersIn(diff: Received, side: 'joins' | 'leaves'): string[] {
  const members = fieldOf(diff, side);
  return members instanceof Map ? [...members.keys()] : [];
}

/** Whether nothing but presence and the answer to a leave comes before the end. */
function isJustBeforeClose(later: readonly Received[]): boolean {
  const next = later.find((frame) => !isPresence(frame) && !isPushReply(frame));
  return next?.event === 'phx_close';
}

function lastIndex(frames: readonly Received[], test: Test): number {
  return frames.reduce((last, frame, index) => (test(frame) ? index : last), -1);
}

function fieldOf(frame: Received, name: string): Exact | undefined {
  const { payload } = fieldsOf(frame.content);
  return payload instanceof Map ? payload.get(name) : undefined;
}
