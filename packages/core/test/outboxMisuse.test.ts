import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { defineAction, memoryStorage, outbox, type AnyAction, type Json } from '../src/index.ts';
import { addNote, createTestOutbox, type TestOutbox } from './support/testOutbox.ts';

const anything = z.looseObject({});
const broken = (): never => {
  throw new Error('a fault of the app');
};

/** An outbox that finds actions an earlier page stored, and one more of another lane, whose id is `good`. */
async function restarted(actions: readonly AnyAction[], stored: readonly { name: string; input: Json }[]): Promise<TestOutbox> {
  const storage = memoryStorage();
  const queue = await storage.open('sara');
  await queue.add([...stored, { name: 'add-note', input: { id: 'good', text: 'x' } }].map(({ name, input }, at) => ({ id: String(at), name, input, lane: name, enqueuedAt: 1, attempts: 0, folded: [], failure: null })));
  const made = createTestOutbox({ storage, actions: [...actions, addNote] });
  made.outbox.start();
  await made.clock.advance(60_000);
  return made;
}

test('an action whose lane cannot be told is refused at enqueue, and holds up nobody', async () => {
  const throwing = defineAction({ name: 'throwing', input: anything, lane: broken, execute: () => Promise.resolve(1) });
  const none = defineAction({ name: 'none', input: anything, lane: (() => undefined) as never, execute: () => Promise.resolve(1) });
  const { outbox: queue, rest, clock } = createTestOutbox({ actions: [throwing, none, addNote] });
  await expect(queue.enqueue(throwing, {})).rejects.toMatchObject({ code: 'outbox/input-invalid', cause: new Error('a fault of the app') });
  await expect(queue.enqueue(none, {})).rejects.toMatchObject({ code: 'outbox/input-invalid', message: expect.stringContaining('lane') as string });
  await queue.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(0);
  expect(rest.applied).toHaveLength(1);
});

test('effects that cannot be told are not shown, and the write is made all the same, also after a reload', async () => {
  for (const optimistic of [broken, () => ({ type: 'INSERT' }), () => [null], () => [{ type: 'INSERT', table: 'notes' }]]) {
    const action = defineAction({ name: 'odd', input: anything, optimistic: optimistic as never, execute: (supabase) => supabase.from('notes').insert({ id: 'odd' }).select() });
    const { outbox: queue, rest, clock, writes } = createTestOutbox({ actions: [action] });
    await queue.enqueue(action, {});
    expect(writes.of('public', 'notes')).toEqual([]);
    await clock.advance(0);
    expect(rest.applied).toHaveLength(1);
    expect((await restarted([action], [{ name: 'odd', input: {} }])).rest.applied).toHaveLength(2);
  }
});

test('a fold that throws folds nothing', async () => {
  const action = defineAction({ name: 'odd', input: anything, fold: broken, execute: (supabase, { id }) => supabase.from('notes').insert({ id }).select() });
  const { rest } = await restarted([action], [{ name: 'odd', input: { id: 'a' } }, { name: 'odd', input: { id: 'b' } }]);
  expect(rest.applied.map(({ row }) => row.id).sort()).toEqual(['a', 'b', 'good']);
});

test('a schema that throws, or that does not answer at once, has refused its input', async () => {
  for (const [validate, message] of [[broken, 'a fault of the app'], [() => Promise.reject(new Error('late')), 'asynchronous schemas are not supported']] as const) {
    const action = defineAction({ name: 'odd', input: { '~standard': { version: 1, vendor: 'test', validate } }, execute: () => Promise.resolve(1) });
    const { outbox: queue, rest } = await restarted([action], [{ name: 'odd', input: {} }]);
    expect(queue.store.get()).toMatchObject({ pending: [], failed: [{ failure: { code: 'outbox/input-invalid', message: expect.stringContaining(message) as string } }] });
    expect(rest.applied).toHaveLength(1);
    await expect(queue.enqueue(action, {})).rejects.toMatchObject({ code: 'outbox/input-invalid' });
  }
});

test('an execute that throws anything, at once or later, is refused with what can be said of it', async () => {
  for (const [thrown, message] of [['text', 'text'], [undefined, 'no reason was given'], [Object.freeze({}), 'no reason was given'], [new TypeError('no such thing'), 'no such thing']] as const) {
    const atOnce = (): never => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- apps throw anything
      throw thrown;
    };
    for (const execute of [atOnce, () => Promise.resolve().then(atOnce)]) {
      const action = defineAction({ name: 'odd', input: anything, execute });
      const { outbox: queue, clock } = createTestOutbox({ actions: [action] });
      await queue.enqueue(action, {});
      await clock.advance(0);
      expect(queue.store.get().failed).toMatchObject([{ failure: { code: 'outbox/failed', message } }]);
    }
  }
});

test('issues are told with the place in the input that they are about', async () => {
  const action = defineAction({ name: 'odd', input: z.object({ rows: z.array(z.object({ id: z.number() })) }), execute: () => Promise.resolve(1) });
  const { outbox: queue } = createTestOutbox({ actions: [action] });
  await expect(queue.enqueue(action, { rows: [{ id: 1 }, { id: 'x' as never }] })).rejects.toThrow('"odd" was not enqueued; rows.1.id: Invalid input');
});

test('two actions of one name are refused when the outbox is made', () => {
  const twin = defineAction({ name: 'add-note', input: anything, execute: () => Promise.resolve(1) });
  expect(() => outbox({ actions: [addNote, twin] })).toThrow('two actions are called "add-note"');
  expect(() => outbox({ actions: [addNote, addNote] })).not.toThrow();
});

test('what is left out of an input is filled in by its schema, each time it is read', async () => {
  const action = defineAction({ name: 'odd', input: z.object({ id: z.string(), text: z._default(z.string(), 'as usual') }), execute: (supabase, row) => supabase.from('notes').insert(row).select().single() });
  const { outbox: queue, rest, clock } = createTestOutbox({ actions: [action] });
  await queue.enqueue(action, { id: 'a' });
  expect(queue.store.get().pending).toMatchObject([{ input: { id: 'a' } }]);
  await clock.advance(0);
  expect(rest.applied).toMatchObject([{ row: { id: 'a', text: 'as usual' } }]);
});

test('what the app does to its object after enqueue is not sent', async () => {
  const { outbox: queue, rest, clock } = createTestOutbox();
  const note = { id: 'a', text: 'as it was' };
  await queue.enqueue(addNote, note);
  note.text = 'changed';
  await clock.advance(0);
  expect(rest.applied).toMatchObject([{ row: { text: 'as it was' } }]);
});
