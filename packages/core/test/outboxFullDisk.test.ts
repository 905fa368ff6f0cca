import { describe, expect, test } from 'vitest';
import { memoryStorage, newId, tableActions, type OutboxQueue, type OutboxStorage } from '../src/index.ts';
import { createFakeClock } from './support/fakeClock.ts';
import { addNote, createTestOutbox, settleRequests } from './support/testOutbox.ts';

const notes = tableActions({ table: 'notes' });
const quota = (): DOMException => new DOMException('full', 'QuotaExceededError');

/** A disk that takes only removals while it is full, and `room` decides which additions. */
function createDisk() {
  const inner = memoryStorage();
  const disk = { full: false, room: (_actions: readonly unknown[]): Promise<boolean> => Promise.resolve(!disk.full) };
  const storage: OutboxStorage = {
    durable: true,
    async open(scope) {
      const queue: OutboxQueue = await inner.open(scope);
      return {
        ...queue,
        async add(actions) {
          if (!(await disk.room(actions))) throw quota();
          return queue.add(actions);
        },
        change: (places, decide) => queue.change(places, (found) => {
          const change = decide(found);
          if (disk.full && (change.put?.length ?? 0) > 0) throw quota();
          return change;
        }),
      };
    },
  };
  const stored = async (): Promise<readonly unknown[]> => (await (await inner.open('sara')).load(0)).actions.map(({ input }) => (input as { id?: string }).id);
  return { disk, storage, stored };
}

/** Room for what is enqueued, and then none. */
function fillUp(disk: ReturnType<typeof createDisk>['disk']): void {
  Object.assign(disk, { full: true, room: () => Promise.resolve(true) });
}

describe('Q7: on a full disk', () => {
  test('what may have been done is not discarded', async () => {
    const { disk, storage } = createDisk();
    const { outbox, rest, clock } = createTestOutbox({ storage });
    rest.fate = () => 'lost';
    fillUp(disk);
    const { id } = await outbox.enqueue(addNote, { id: 'a', text: 'x' });
    await clock.advance(0);
    expect(rest.applied).toHaveLength(1);
    await expect(outbox.discard(id)).rejects.toMatchObject({ code: 'outbox/already-sent' });
  });

  test('an insert that may have been done and its deletion do not cancel out in a later page', async () => {
    const { disk, storage } = createDisk();
    const { outbox, rest, clock } = createTestOutbox({ storage, actions: notes.all });
    rest.fate = () => 'lost';
    fillUp(disk);
    const id = newId();
    await outbox.enqueue(notes.insert, { id, text: 'x' });
    await clock.advance(0);
    rest.fate = () => 'down';
    await outbox.enqueue(notes.delete, { id });
    disk.full = false;
    outbox.end();
    await clock.advance(0);
    rest.fate = () => 'ok';
    const later = createTestOutbox({ storage, rest, clock, actions: notes.all });
    later.outbox.start();
    await clock.advance(10_000);
    expect([rest.applied.map(({ type }) => type), later.outbox.store.get().pending]).toEqual([['INSERT', 'DELETE'], []]);
  });

  test('an action that there is no room for stays before a later one of its lane that there is room for', async () => {
    const { disk, storage } = createDisk();
    const clock = createFakeClock(settleRequests);
    const { outbox, rest } = createTestOutbox({ storage, clock, actions: notes.all });
    disk.room = async (actions) => {
      await new Promise<void>((resolve) => { clock.setTimeout(resolve, 100); });
      return JSON.stringify(actions).length < 1_000;
    };
    rest.fate = () => 'down';
    outbox.start();
    await clock.advance(0);
    void outbox.enqueue(notes.insert, { id: 'a', text: 'x'.repeat(2_000) });
    await clock.advance(50);
    void outbox.enqueue(notes.update, { key: { id: 'a' }, changes: { pinned: true } });
    await clock.advance(1_000);
    expect(outbox.store.get().pending.map(({ name }) => name)).toEqual(['public.notes/insert', 'public.notes/update']);
  });

  test('a dead letter in memory does not keep what follows in its lane from being stored', async () => {
    const { disk, storage, stored } = createDisk();
    const { outbox, rest, clock } = createTestOutbox({ storage });
    rest.fate = ({ body }) => ((body as { text: string }).text === 'bad' ? { status: 400, code: '23514' } : 'down');
    disk.full = true;
    await outbox.enqueue(addNote, { id: 'a', text: 'bad', lane: 'x' });
    await clock.advance(0);
    expect(outbox.store.get()).toMatchObject({ failed: [{ input: { id: 'a' } }], durable: false, warning: { code: 'outbox/not-durable' } });
    disk.full = false;
    await outbox.enqueue(addNote, { id: 'b', text: 'good', lane: 'x' });
    expect([await stored(), outbox.store.get().durable]).toEqual([['b'], true]);
  });

  test('the warning goes when what it was about is done', async () => {
    const { disk, storage } = createDisk();
    const { outbox, clock } = createTestOutbox({ storage });
    disk.full = true;
    await outbox.enqueue(addNote, { id: 'a', text: 'x' });
    expect(outbox.store.get().warning?.code).toBe('outbox/not-durable');
    await clock.advance(1_000);
    expect(outbox.store.get()).toMatchObject({ pending: [], warning: null });
  });
});
