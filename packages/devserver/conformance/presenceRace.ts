import type { Exact } from './exactJson.ts';
import { fieldsOf, type Received } from './frames.ts';

/**
 * A channel's `presence_state` is a message to itself, sent after the join; whoever is tracked meanwhile is in it, in a
 * `presence_diff` beside it, or in both. Where several come at once (05g), which of these is left to chance.
 *
 * Takes presence apart: one frame per member who came, whether a state or a diff said so first, and one per member who
 * went. What is no presence stays as it is; every `presence_state` leaves an empty one behind.
 */
export function membersApart(frames: readonly Received[]): Received[] {
  const present = new Set<string>();
  return frames.flatMap((frame) => {
    if (frame.event === 'phx_reply' && isJoinReply(frame)) present.clear();
    if (frame.event === 'presence_state') return [state(frame), ...came(frame, fieldsOf(frame.content).payload, present)];
    if (frame.event !== 'presence_diff') return [frame];
    const { payload } = fieldsOf(frame.content);
    const [joins, leaves] = ['joins', 'leaves'].map((side) => (payload instanceof Map ? payload.get(side) : undefined));
    return [...came(frame, joins, present), ...metasOf(leaves).map((meta) => member(frame, 'went', meta))];
  });
}

/** Whether somebody came or went on a topic while it was being joined, by how soon frames followed each other when recorded. */
export function hasPresenceRace(frames: readonly Received[]): boolean {
  return frames.some((frame, index) => {
    if (frame.event !== 'presence_state') return false;
    return [frames[index - 1], frames[index + 1]].some((other) => other?.event === 'presence_diff' && Math.abs((other.t ?? 0) - (frame.t ?? 0)) < RACE_MS);
  });
}

/** Frames of one race come within this time. */
const RACE_MS = 100;

type Meta = [key: string, meta: Exact];

function came(frame: Received, side: Exact | undefined, present: Set<string>): Received[] {
  const news = metasOf(side).filter(([key, meta]) => !present.has(identity(key, meta)));
  for (const [key, meta] of news) present.add(identity(key, meta));
  return news.map((meta) => member(frame, 'came', meta));
}

function metasOf(side: Exact | undefined): Meta[] {
  const members = side instanceof Map ? [...side] : [];
  return members.flatMap(([key, entry]) => {
    const metas = entry instanceof Map ? entry.get('metas') : undefined;
    return Array.isArray(metas) ? metas.map((meta): Meta => [key, meta]) : [];
  });
}

function identity(key: string, meta: Exact): string {
  const ref = meta instanceof Map ? meta.get('phx_ref') : undefined;
  return `${key} ${typeof ref === 'string' ? ref : ''}`;
}

function member(frame: Received, what: 'came' | 'went', [key, meta]: Meta): Received {
  const content = new Map<string, Exact>([[key, new Map<string, Exact>([['metas', [meta]]])]]);
  return { ...frame, event: `member ${what}`, content, raw: `${what}: ${frame.raw}` };
}

function state(frame: Received): Received {
  return { ...frame, content: 'presence_state' };
}

function isJoinReply({ content }: Received): boolean {
  const { payload } = fieldsOf(content);
  const response = payload instanceof Map ? payload.get('response') : undefined;
  return response instanceof Map && response.has('postgres_changes');
}
