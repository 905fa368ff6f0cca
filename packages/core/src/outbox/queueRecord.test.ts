import { expect, test } from 'vitest';
import { createOptimisticWrites } from '../live/optimisticWrites.ts';
import { createQueueRecord } from './queueRecord.ts';
import { createReceipts } from './receipts.ts';
import type { ActionDefinition, StoredAction } from './types.ts';

const key = { id: 'p' };
const definitions: Readonly<Record<string, Pick<ActionDefinition, 'optimistic'>>> = {
  add: { optimistic: () => [{ type: 'INSERT', table: 'likes', row: key }] },
  remove: { optimistic: () => [{ type: 'DELETE', table: 'likes', key }] },
};

function action(seq: number, more: Partial<StoredAction> = {}): StoredAction {
  return { seq, id: `a${String(seq)}`, name: 'add', lane: 'likes:p', input: key, enqueuedAt: 1, attempts: 0, folded: [], failure: null, ...more };
}

function setup() {
  const [writes, receipts] = [createOptimisticWrites(), createReceipts()];
  const definitionOf = (name: string) => ({ input: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } }, ...definitions[name] }) as ActionDefinition;
  const record = createQueueRecord({ definitionOf, receipts, writes, onChanged: () => undefined });
  return { record, receipts, shown: () => writes.of('public', 'likes').flatMap(({ effects }) => effects.map(({ type }) => type)) };
}

test('O1: an action that became another one of the same input shows what that one does', () => {
  const { record, shown } = setup();
  record.put(action(1));
  record.put(action(2, { name: 'remove' }));
  expect(shown()).toEqual(['INSERT', 'DELETE']);
  record.absorb(action(1, { name: 'remove', folded: ['a2'] }), [2]);
  expect(shown()).toEqual(['DELETE']);
});

test('O1: what was folded while everything is read is not undone by what was read before', async () => {
  const { record } = setup();
  record.put(action(1));
  record.put(action(2, { input: { id: 'p', stars: 5 } }));
  const folded = action(1, { input: { id: 'p', stars: 5 }, folded: ['a2'], attempts: 1 });
  await record.read(() => {
    const old = record.view.all();
    record.absorb(folded, [2]);
    return Promise.resolve(old);
  });
  expect(record.view.all()).toEqual([folded]);
});

test('an action that became part of another is found by its own id, and ends with it', async () => {
  const { record, receipts } = setup();
  const receipt = receipts.issue('a2');
  const head = action(1, { folded: ['a2'], attempts: 1 });
  record.put(action(1));
  record.put(action(2));
  record.absorb(head, [2]);
  expect(record.view.byId('a2')).toEqual(head);
  record.leave(head, 'confirmed', 'done');
  expect([record.view.byId('a1'), record.view.byId('a2'), await receipt.confirmed]).toEqual([undefined, undefined, 'done']);
});
