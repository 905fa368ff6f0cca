import { RealtimeError } from '../errors.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { QueueRecord } from './queueRecord.ts';
import { isOwn, type SparedQueue } from './sparedQueue.ts';
import type { StoredAction } from './types.ts';

/** When what could not be read is read again, in ms. */
const READ_AGAIN_MS = 5_000;

/** Brings a tab's record up to what is stored. What cannot be read is read again and again; nothing rejects. */
export interface QueueReader {
  /** Reads what was added since. */
  on(): Promise<void>;
  /** Reads everything: what is stored no more was done by another tab. */
  all(): Promise<void>;
  /** Takes in what this tab has added, after what others may have added before it. */
  added(actions: readonly StoredAction[]): Promise<void>;
  /** `outbox/records-damaged`, once there were records that could not be read. */
  readonly damage: RealtimeError | null;
  /** Reads nothing again by itself. */
  end(): void;
}

/** What {@link createQueueReader} is made of. */
interface QueueReaderParts {
  readonly queue: Pick<SparedQueue, 'load'>;
  readonly record: QueueRecord;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something was read; `whole` when it was everything. */
  readonly onRead: (whole: boolean) => void;
}

/** Makes one that has read nothing. */
export function createQueueReader({ queue, record, clock, logger, onRead }: QueueReaderParts): QueueReader {
  /** Up to where what is stored was read. */
  let readUpTo = 0;
  let damage: RealtimeError | null = null;
  let again: TimerHandle | undefined;
  let ended = false;

  const load = async (afterSeq: number): Promise<readonly StoredAction[]> => {
    const { actions, corrupted } = await queue.load(afterSeq);
    if (corrupted > 0) {
      damage = new RealtimeError('outbox/records-damaged', `${String(corrupted)} stored actions could not be read; they were set aside`);
      logger.error('stored actions could not be read', { count: corrupted });
    }
    return actions;
  };
  const readNow = async (whole: boolean): Promise<boolean> => {
    const known = whole ? record.view.all() : [];
    try {
      const places = (await record.read(() => load(whole ? 0 : readUpTo))).map(({ seq }) => seq);
      if (whole) readUpTo = 0; // places of a database that was made anew may begin anywhere
      for (const seq of places) if (!isOwn(seq)) readUpTo = Math.max(readUpTo, seq);
      const stored = new Set(places);
      for (const action of known) if (!stored.has(action.seq) && record.view.get(action.seq) !== undefined) record.leave(action, 'confirmed');
    } catch (error) {
      logger.warn('the storage of the queue was not read', { reason: String(error) });
      if (!ended) again ??= clock.setTimeout(readAgain, READ_AGAIN_MS);
      return false;
    }
    onRead(whole);
    return true;
  };
  /** One at a time: the answer of an earlier one would bring back what a later one has found gone. */
  let reading: Promise<unknown> = Promise.resolve();
  /** What is read after that, for all who ask meanwhile. */
  let next: { whole: boolean; readonly done: Promise<boolean> } | undefined;
  const read = (whole: boolean): Promise<boolean> => {
    if (next === undefined) {
      const done = reading.then(() => {
        const asked = next?.whole ?? whole;
        next = undefined;
        return readNow(asked);
      });
      next = { whole, done };
      reading = done;
    }
    next.whole ||= whole;
    return next.done;
  };
  const readAgain = (): void => {
    again = undefined;
    void read(true);
  };

  return {
    on: async () => { await read(false); },
    all: async () => { await read(true); },
    async added(actions) {
      const stored = actions.filter(({ seq }) => !isOwn(seq));
      const end = readUpTo + stored.length;
      if (stored.length === actions.length && stored.at(-1)?.seq === end) {
        for (const action of stored) record.put(action);
        readUpTo = end;
      } else if (!(await read(false))) {
        // What is stored waits until it can be read: others may be before it.
        for (const action of actions) if (isOwn(action.seq)) record.put(action);
      }
    },
    get damage() {
      return damage;
    },
    end() {
      ended = true;
      if (again !== undefined) clock.clearTimeout(again);
    },
  };
}
