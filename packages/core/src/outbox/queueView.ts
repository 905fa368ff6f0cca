import { sameContent } from '../lib/sameContent.ts';
import type { StoredAction } from './types.ts';

/** A tab's copy of the stored queue. */
export interface QueueView {
  /** Adds an action, or replaces the one of its place. Gives false when it was as it is. */
  put(action: StoredAction): boolean;
  remove(seq: number): StoredAction | undefined;
  get(seq: number): StoredAction | undefined;
  /** The action of this id, or the one that it was folded into. */
  byId(id: string): StoredAction | undefined;
  /** Lanes in which something waits; those that have waited longest first. */
  lanes(): IterableIterator<string>;
  /** What is next in a lane. */
  head(lane: string): StoredAction | undefined;
  /** All that waits in a lane. */
  lane(lane: string): readonly StoredAction[];
  /** All, in order. */
  all(): StoredAction[];
}

/** Its own id, and those of what was folded into it. */
export function idsOf({ id, folded }: StoredAction): readonly string[] {
  return [id, ...folded];
}

/** Makes an empty copy. */
export function createQueueView(): QueueView {
  const bySeq = new Map<number, StoredAction>();
  const seqs = new Map<string, number>();
  const lanes = new Map<string, StoredAction[]>();

  const leaveLane = ({ lane, seq }: StoredAction): void => {
    const waiting = lanes.get(lane);
    const at = waiting?.findIndex((action) => action.seq === seq) ?? -1;
    if (waiting === undefined || at < 0) return;
    waiting.splice(at, 1);
    if (waiting.length === 0) lanes.delete(lane);
  };
  const enterLane = (action: StoredAction): void => {
    const waiting = lanes.get(action.lane) ?? [];
    lanes.set(action.lane, waiting);
    let at = waiting.length;
    while (at > 0 && (waiting[at - 1]?.seq ?? 0) > action.seq) at -= 1;
    waiting.splice(at, 0, action);
  };
  const remove = (seq: number): StoredAction | undefined => {
    const action = bySeq.get(seq);
    if (action === undefined) return undefined;
    bySeq.delete(seq);
    for (const id of idsOf(action)) if (seqs.get(id) === seq) seqs.delete(id);
    leaveLane(action);
    return action;
  };

  return {
    put(action) {
      const before = bySeq.get(action.seq);
      if (before !== undefined && sameContent(before, action)) return false;
      if (before !== undefined) leaveLane(before);
      bySeq.set(action.seq, action);
      for (const id of idsOf(action)) seqs.set(id, action.seq);
      if (action.failure === null) enterLane(action);
      return true;
    },
    remove,
    get: (seq) => bySeq.get(seq),
    byId(id) {
      const seq = seqs.get(id);
      return seq === undefined ? undefined : bySeq.get(seq);
    },
    lanes: () => lanes.keys(),
    head: (lane) => lanes.get(lane)?.[0],
    lane: (lane) => lanes.get(lane) ?? [],
    all: () => [...bySeq.values()].sort((a, b) => a.seq - b.seq),
  };
}
