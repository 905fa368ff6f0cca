import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { newId, outbox, tableActions, type Conflict } from '../src/index.ts';
import { useBackend } from './support/backend.ts';
import { people } from './support/people.ts';
import { createTestOutbox } from './support/testOutbox.ts';

const backend = useBackend();
const conflicts: Conflict[] = [];
const TABLE = 'challenge_comments';
const notes = tableActions({ table: TABLE, version: 'updated_at' });
const asked = tableActions({
  table: TABLE,
  version: 'updated_at',
  resolve(conflict) {
    conflicts.push(conflict);
    return { content: `${conflict.theirs['content'] as string} + ${conflict.mine['content'] as string}` };
  },
});
const context = { idempotencyKey: newId(), signal: new AbortController().signal, attempts: 0, fetch };

async function open(table = notes) {
  const [challenge] = await backend.server.sql<{ id: string }>('select id from public.challenges order by id limit 1');
  if (challenge === undefined) throw new Error('the seed has no challenge');
  const { supabase, realtime } = await backend.open('sara', { outbox: outbox({ actions: table.all }) });
  const row = { id: newId(), challenge_id: challenge.id, user_id: people.sara.id, content: 'first' };
  const stored = async () => (await backend.server.sql<{ content: string; is_pinned: boolean; updated_at: Date }>(`select content, is_pinned, updated_at from public.${TABLE} where id = $1`, [row.id]));
  return { supabase, queue: realtime.outbox, row, stored };
}

test('an insert that is sent twice writes once, and answers with the row both times', async () => {
  const { supabase, row, stored } = await open();
  const [first, second] = [await notes.insert.execute(supabase, row, context), await notes.insert.execute(supabase, row, { ...context, attempts: 1 })];
  expect([first, second]).toMatchObject([{ error: null, data: { content: 'first' } }, { error: null, data: { content: 'first' } }]);
  expect(await stored()).toHaveLength(1);
});

test('O2: without a resolver the later write wins column by column: only changed columns are sent', async () => {
  const { queue, row, stored } = await open();
  await (await queue.enqueue(notes.insert, row)).confirmed;
  await backend.server.sql(`update public.${TABLE} set is_pinned = true, content = 'theirs' where id = $1`, [row.id]);
  const receipt = await queue.enqueue(notes.update, { key: { id: row.id }, changes: { content: 'mine' } });
  expect(await receipt.confirmed).toMatchObject({ content: 'mine', is_pinned: true });
  expect(await stored()).toMatchObject([{ content: 'mine', is_pinned: true }]);
});

test('O2: a resolver is given base, mine and theirs, and its decision is written; a repeated attempt decides nothing again', async () => {
  const { supabase, queue, row, stored } = await open(asked);
  const base = await (await queue.enqueue(asked.insert, row)).confirmed;
  await backend.server.sql(`update public.${TABLE} set content = 'theirs' where id = $1`, [row.id]);
  const input = { key: { id: row.id }, changes: { content: 'mine' }, base };
  await (await queue.enqueue(asked.update, input)).confirmed;
  expect(conflicts).toMatchObject([{ base: { content: 'first' }, mine: { content: 'mine' }, theirs: { content: 'theirs' } }]);
  expect(await stored()).toMatchObject([{ content: 'theirs + mine' }]);

  const now = await backend.server.sql<{ content: string }>(`update public.${TABLE} set content = 'mine' where id = $1 returning content`, [row.id]);
  expect(now).toEqual([{ content: 'mine' }]);
  expect(await asked.update.execute(supabase, input, { ...context, attempts: 1 })).toMatchObject({ error: null, data: { content: 'mine' } });
  expect(conflicts).toHaveLength(1);
});

test('O2: an update from the base it was made from asks nobody', async () => {
  const { queue, row, stored } = await open(asked);
  const base = await (await queue.enqueue(asked.insert, row)).confirmed;
  conflicts.length = 0;
  await (await queue.enqueue(asked.update, { key: { id: row.id }, changes: { content: 'mine' }, base })).confirmed;
  expect([conflicts, await stored()]).toMatchObject([[], [{ content: 'mine' }]]);
});

test('O2: the second of two edits from one version asks nobody about the first', async () => {
  const { queue, row, stored } = await open(asked);
  const base = await (await queue.enqueue(asked.insert, row)).confirmed;
  conflicts.length = 0;
  await (await queue.enqueue(asked.update, { key: { id: row.id }, changes: { content: 'one' }, base })).confirmed;
  await (await queue.enqueue(asked.update, { key: { id: row.id }, changes: { content: 'two' }, base: { ...base, content: 'one' } })).confirmed; // as it was shown
  expect([conflicts, await stored()]).toMatchObject([[], [{ content: 'two' }]]);
});

test('a row that is not there cannot be updated, and is deleted already; one of somebody else is refused', async () => {
  const { queue, row, stored } = await open();
  const id = newId();
  await expect((await queue.enqueue(notes.update, { key: { id }, changes: { content: 'x' } })).confirmed).rejects.toMatchObject({ code: 'outbox/failed' });
  expect(await (await queue.enqueue(notes.delete, { id })).confirmed).toEqual({ id });
  await backend.server.sql(`insert into public.${TABLE} (id, challenge_id, user_id, content) values ($1, $2, $3, 'his')`, [row.id, row.challenge_id, people.omar.id]);
  await expect((await queue.enqueue(notes.delete, { id: row.id })).confirmed).rejects.toMatchObject({ code: 'outbox/failed' });
  expect(await stored()).toMatchObject([{ content: 'his' }]);
});

/** An action as it is queued. */
const queued = (name: string, input: unknown) => ({ id: newId(), name, input: input as never, enqueuedAt: 0 });

test('two actions on one row that were never sent become one, and actions on different rows do not', () => {
  const id = newId();
  const [insert, upsert] = [queued(notes.insert.name, { id, content: '1' }), queued(notes.upsert.name, { id, content: '1' })];
  const [update, remove] = [queued(notes.update.name, { key: { id }, changes: { content: '2' } }), queued(notes.delete.name, { id })];
  const fold = notes.insert.fold;
  expect(fold?.(insert, update)).toEqual({ name: notes.insert.name, input: { id, content: '2' } });
  expect(fold?.(upsert, update)).toEqual({ name: notes.upsert.name, input: { id, content: '2' } });
  expect(fold?.(insert, remove)).toBe('nothing');
  expect(fold?.(upsert, remove)).toEqual({ name: notes.delete.name, input: { id } });
  expect(fold?.(update, remove)).toEqual({ name: notes.delete.name, input: { id } });
  expect(fold?.(update, queued(notes.update.name, { key: { id }, changes: { is_pinned: true } }))).toEqual({ name: notes.update.name, input: { key: { id }, changes: { content: '2', is_pinned: true } } });
  expect(fold?.(remove, insert)).toBeNull();
  expect(fold?.(insert, queued(notes.delete.name, { id: newId() }))).toBeNull();
  expect(fold?.(insert, queued('something else', { id }))).toBeNull();
});

test('Q1: what follows an unsent insert is done also where another device inserted the row first', async () => {
  const likes = tableActions({ table: 'likes' });
  const { outbox: queue, rest, clock } = createTestOutbox({ actions: likes.all });
  const row = (id: string) => rest.tables.get('likes')?.get(id);
  for (const id of ['post-1', 'post-2']) await (await queue.enqueue(likes.insert, { id, stars: 1 })).confirmed; // as the other device did
  const receipts = await Promise.all([
    queue.enqueue(likes.insert, { id: 'post-1', stars: 2 }),
    queue.enqueue(likes.update, { key: { id: 'post-1' }, changes: { stars: 3 } }),
    queue.enqueue(likes.insert, { id: 'post-2', stars: 2 }),
    queue.enqueue(likes.delete, { id: 'post-2' }),
  ]);
  await clock.advance(10_000);
  expect(receipts.map(({ store }) => store.get().status)).toEqual(['confirmed', 'confirmed', 'confirmed', 'confirmed']);
  expect([row('post-1'), row('post-2')]).toEqual([{ id: 'post-1', stars: 3 }, undefined]);
});

const othersKeys = [
  { what: 'a name', row: { id: 'post-1' } },
  { what: 'the id of a person', row: { id: people.sara.id } },
  { what: 'a column of another name', options: { key: ['post_id'] }, row: { post_id: newId() } },
  { what: 'two columns', options: { key: ['post_id', 'id'] }, row: { post_id: newId(), id: newId() } },
  { what: 'a row that is unique by other columns, too', options: { unique: ['post_id', 'user_id'] }, row: { id: newId(), post_id: 'x', user_id: 'y' } },
];
test.each(othersKeys)('Q1: an insert that may meet a row does not take updates in, and goes only for a deletion that is sent: $what', ({ options, row }) => {
  const likes = tableActions({ table: 'likes', ...options });
  const insert = queued(likes.insert.name, row);
  expect(likes.insert.fold?.(insert, queued(likes.update.name, { key: row, changes: { stars: 1 } }))).toBeNull();
  expect(likes.insert.fold?.(insert, queued(likes.delete.name, row))).toEqual({ name: likes.delete.name, input: row });
});

const [old, newer] = [{ id: 'a', content: 'x', updated_at: '1' }, { id: 'a', content: 'y', updated_at: '2' }];
const conditions = [
  { what: 'neither has a base', bases: [undefined, undefined], folds: true },
  { what: 'both were made from one version', bases: [old, { ...old, content: '1' }], folds: true },
  { what: 'they were made from different versions', bases: [old, newer], folds: false },
  { what: 'the later one alone has a base', bases: [undefined, old], folds: false },
  { what: 'the earlier one alone has a base', bases: [old, undefined], folds: false },
];
test.each(conditions)('O2: what an update is on condition of is kept: updates become one or stay two: $what', ({ bases: [base, laterBase], folds }) => {
  const earlier = { key: { id: 'a' }, changes: { content: '1' }, base };
  const later = { key: { id: 'a' }, changes: { is_pinned: true }, base: laterBase };
  const folded = { ...earlier, changes: { content: '1', is_pinned: true } };
  expect(asked.update.fold?.(queued(asked.update.name, earlier), queued(asked.update.name, later))).toEqual(folds ? { name: asked.update.name, input: folded } : null);
  expect(notes.update.fold?.(queued(notes.update.name, earlier), queued(notes.update.name, later))).toEqual({ name: notes.update.name, input: folded }); // nobody is asked
});

test('O2: an update with a base goes into an unsent insert, whose row nobody else has, and not into an upsert', () => {
  const [row, update] = [{ id: newId(), content: '1' }, (id: string) => queued(asked.update.name, { key: { id }, changes: { content: '2' }, base: old })];
  expect(asked.insert.fold?.(queued(asked.insert.name, row), update(row.id))).toEqual({ name: asked.insert.name, input: { ...row, content: '2' } });
  expect(asked.upsert.fold?.(queued(asked.upsert.name, row), update(row.id))).toBeNull();
});

test('Q1: an update that gives the row another key folds with nothing', () => {
  const renaming = queued(notes.update.name, { key: { id: 'a' }, changes: { id: 'b' } });
  expect(notes.update.fold?.(renaming, queued(notes.delete.name, { id: 'a' }))).toBeNull();
  expect(notes.update.fold?.(renaming, queued(notes.update.name, { key: { id: 'a' }, changes: { content: '1' } }))).toBeNull();
  expect(notes.upsert.fold?.(queued(notes.upsert.name, { id: 'a', content: '1' }), renaming)).toBeNull();
});

const priced = z.object({ id: z.string(), price: z.pipe(z.string(), z.transform(Number)) });
const foldedUpdates = [
  { what: 'a column that the schema leaves as it is', schema: z.object({ id: z.string(), price: z.number(), title: z.optional(z.string()) }), row: { price: 7 }, changes: { title: 'x' }, requests: ['POST'], ends: { price: 7, title: 'x' } },
  { what: 'a column that the schema takes away', schema: priced, row: { price: '7' }, changes: { title: 'x' }, requests: ['POST', 'PATCH'], ends: { price: 7, title: 'x' } },
  { what: 'a value that the schema makes another', schema: priced, row: { price: '7' }, changes: { price: '8' }, requests: ['POST', 'PATCH'], ends: { price: '8' } },
  { what: 'a value that the schema refuses', schema: priced, row: { price: '7' }, changes: { price: null }, requests: ['POST', 'PATCH'], ends: { price: null } },
];
test.each(foldedUpdates)('Q1: of an update that may go into an unsent insert nothing is lost: $what', async ({ schema, row, changes, requests, ends }) => {
  const goods = tableActions({ table: 'goods', row: schema }); // what it gives is a row of JSON
  const { outbox: queue, rest, clock } = createTestOutbox({ actions: goods.all });
  const id = newId();
  const receipts = await Promise.all([queue.enqueue(goods.insert, { id, ...row }), queue.enqueue(goods.update, { key: { id }, changes })]);
  await clock.advance(10_000);
  expect(receipts.map(({ store }) => store.get().status)).toEqual(['confirmed', 'confirmed']);
  expect([rest.requests.map(({ method }) => method), rest.tables.get('goods')?.get(id)]).toEqual([requests, { id, ...ends }]);
});

test('an input without its key is refused before it is stored', async () => {
  const { queue } = await open();
  await expect(queue.enqueue(notes.insert, { content: 'x' })).rejects.toMatchObject({ code: 'outbox/input-invalid' });
  await expect(queue.enqueue(notes.update, { key: { id: newId() }, changes: {} })).rejects.toMatchObject({ code: 'outbox/input-invalid' });
  expect(queue.store.get().pending).toEqual([]);
});
