import { expect, test } from 'vitest';
import { addNote, createTestOutbox, setNote } from './support/testOutbox.ts';

test('sends what is enqueued in the order of its lane, and gives what the server answered', async () => {
  const { outbox, rest, clock } = createTestOutbox();
  const [first, second] = await Promise.all([outbox.enqueue(addNote, { id: 'a', text: 'one' }), outbox.enqueue(setNote, { id: 'a', text: 'two' })]);
  expect(outbox.store.get().pending.map(({ name }) => name)).toEqual(['add-note', 'set-note']);
  await clock.advance(0);
  expect(await first.confirmed).toEqual({ id: 'a', text: 'one' });
  expect(await second.confirmed).toEqual({ id: 'a', text: 'two' });
  expect(rest.applied.map(({ row }) => row['text'])).toEqual(['one', 'two']);
  expect(outbox.store.get()).toMatchObject({ pending: [], failed: [], durable: false, online: true, draining: true, warning: null });
  expect(first.store.get()).toEqual({ status: 'confirmed', output: { id: 'a', text: 'one' }, error: null });
  outbox.end();
  expect(clock.pending).toBe(0);
});
