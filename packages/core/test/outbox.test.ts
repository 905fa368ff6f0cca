import { expect, test, vi } from 'vitest';
import * as z from 'zod/mini';
import { defineAction, memoryStorage, newId, tableActions, type OutboxQueue, type OutboxStorage, type TabMessage } from '../src/index.ts';
import { singleTab } from '../src/outbox/singleTab.ts';
import { createFakeRest } from './support/fakeRest.ts';
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

test('a schema that answers with a promise refuses its input, and says why', async () => {
  const later = defineAction({ name: 'later', input: z.string().check(z.refine(() => Promise.resolve(true))), execute: () => Promise.resolve(1) });
  const { outbox } = createTestOutbox({ actions: [later] });
  await expect(outbox.enqueue(later, 'x')).rejects.toMatchObject({ code: 'outbox/input-invalid', message: expect.stringContaining('asynchronous schemas are not supported') as string });
});

test('input that fails its schema, is no JSON, or belongs to no declared action is refused and not stored', async () => {
  const storage = memoryStorage();
  const { outbox, writes } = createTestOutbox({ storage });
  await expect(outbox.enqueue(addNote, { id: 'a' } as never)).rejects.toMatchObject({ code: 'outbox/input-invalid', cause: [expect.objectContaining({ path: ['text'] })] });
  await expect(outbox.enqueue(addNote, { id: 1n } as never)).rejects.toMatchObject({ code: 'outbox/input-invalid' });
  await expect(outbox.enqueue(defineAction({ name: 'other', input: z.string(), execute: () => Promise.resolve(1) }), 'x')).rejects.toMatchObject({ code: 'outbox/action-unknown' });
  expect((await (await storage.open('sara')).load(0)).actions).toEqual([]);
  expect(writes.of('public', 'notes')).toEqual([]);
});

test('O1: effects show in the turn of the call, go with the confirmed row, and go alone when their action fails', async () => {
  const { outbox, writes, rest, clock } = createTestOutbox();
  const events: unknown[] = [];
  writes.listen('public', 'notes', (event) => events.push([event.type, event.write.effects[0]?.type === 'INSERT' && event.write.effects[0].row['id'], 'rows' in event ? event.rows : undefined]));
  rest.fate = ({ body }) => ((body as { id: string }).id === 'bad' ? { status: 400, code: '22P02' } : 'ok');
  const bad = outbox.enqueue(addNote, { id: 'bad', text: 'x' });
  const good = outbox.enqueue(addNote, { id: 'good', text: 'y' });
  expect(writes.of('public', 'notes').map(({ effects }) => effects[0]?.type)).toEqual(['INSERT', 'INSERT']);
  await Promise.all([bad, good]);
  await clock.advance(0);
  expect(events.slice(-2)).toEqual(expect.arrayContaining([['withdrawn', 'bad', undefined], ['confirmed', 'good', [{ id: 'good', text: 'y' }]]]));
  expect(writes.of('public', 'notes')).toEqual([]);
});

test('Q2: a poison action goes to the dead letter queue, and its lane and the others go on; four lanes send side by side', async () => {
  const { outbox, rest, clock } = createTestOutbox();
  let [open, most] = [0, 0];
  rest.fate = async ({ method, body }) => {
    open += 1;
    most = Math.max(most, open);
    await new Promise<void>((resolve) => { clock.setTimeout(resolve, 100); });
    open -= 1;
    return method === 'POST' && (body as { text: string }).text === 'poison' ? { status: 403, code: '42501' } : 'ok';
  };
  const receipts = await Promise.all(['1', '2', '3', '4', '5', '6'].flatMap((lane) => [
    outbox.enqueue(addNote, { id: `${lane}a`, text: lane === '2' ? 'poison' : 'good', lane }),
    outbox.enqueue(addNote, { id: `${lane}b`, text: 'good', lane }),
  ]));
  await clock.advance(2_000);
  expect(most).toBe(4);
  expect(rest.applied.map(({ row }) => row.id).sort()).toEqual(['1a', '1b', '2b', '3a', '3b', '4a', '4b', '5a', '5b', '6a', '6b']);
  expect(outbox.store.get().failed).toMatchObject([{ name: 'add-note', attempts: 1, failure: { code: 'outbox/failed', status: 403, serverCode: '42501', message: 'refused with 403' } }]);
  await expect(receipts[2]?.confirmed).rejects.toMatchObject({ code: 'outbox/failed', cause: { serverCode: '42501' } });
});

test('Q3: what failed outlives a reload, and is retried with another input, or discarded', async () => {
  const storage = memoryStorage();
  const rest = createFakeRest();
  rest.fate = ({ body }) => ((body as { text: string }).text === 'bad' ? { status: 400, code: '23514' } : 'ok');
  const earlier = createTestOutbox({ storage, rest });
  await earlier.outbox.enqueue(addNote, { id: 'a', text: 'bad' });
  await earlier.outbox.enqueue(addNote, { id: 'b', text: 'bad' });
  await earlier.clock.advance(0);
  earlier.outbox.end();

  const { outbox, clock } = createTestOutbox({ storage, rest });
  outbox.start();
  await clock.advance(0);
  const [a, b] = outbox.store.get().failed;
  expect([a?.input, b?.input]).toEqual([{ id: 'a', text: 'bad' }, { id: 'b', text: 'bad' }]);
  await expect(outbox.retry(a?.id ?? '', { id: 'a' })).rejects.toMatchObject({ code: 'outbox/input-invalid' });
  await outbox.retry(a?.id ?? '', { id: 'a', text: 'good' });
  await outbox.discard(b?.id ?? '');
  await clock.advance(0);
  expect(outbox.store.get()).toMatchObject({ pending: [], failed: [] });
  expect(rest.applied.map(({ row }) => row)).toEqual([{ id: 'a', text: 'good' }]);
  expect((await (await storage.open('sara')).load(0)).actions).toEqual([]);
});

test('Q3: a stored action whose name or input means nothing any more goes to the dead letter queue', async () => {
  const storage = memoryStorage();
  const queue = await storage.open('sara');
  const stored = { lane: 'x', enqueuedAt: 1, attempts: 0, folded: [], failure: null };
  await queue.add([{ ...stored, id: '1', name: 'of-an-older-app', input: {} }, { ...stored, id: '2', name: 'add-note', input: { id: 'a' } }, { ...stored, id: '3', name: 'add-note', input: { id: 'b', text: 'c' } }]);
  const { outbox, rest, clock } = createTestOutbox({ storage });
  outbox.start();
  await clock.advance(0);
  expect(outbox.store.get().failed.map(({ failure }) => failure?.code)).toEqual(['outbox/action-unknown', 'outbox/input-invalid']);
  expect(rest.applied.map(({ row }) => row.id)).toEqual(['b']);
});

test('Q3: a lost answer is asked for again, and a duplicate that is our own row counts as done', async () => {
  const { outbox, rest, clock } = createTestOutbox();
  let lost = 2;
  rest.fate = () => ((lost -= 1) >= 0 ? 'lost' : 'ok');
  const receipt = await outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(10_000);
  expect(await receipt.confirmed).toEqual({ id: 'a', text: 'x' });
  expect(rest.applied).toHaveLength(1);
  // Somebody else's row under that key is none of ours.
  await outbox.enqueue(addNote, { id: 'a', text: 'other' });
  await clock.advance(0);
  expect(outbox.store.get().failed).toMatchObject([{ failure: { serverCode: '23505', status: 409 } }]);
});

test('Q3: a server that asks for patience gets it, from all lanes, whatever wakes the queue', async () => {
  const { outbox, rest, clock, platform } = createTestOutbox();
  rest.fate = () => ({ status: 429, retryAfter: '60' });
  await outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(0);
  rest.fate = () => 'ok';
  await outbox.enqueue(addNote, { id: 'b', text: 'x' });
  platform.tell('online');
  platform.tell('wake');
  await clock.advance(59_000);
  expect(rest.requests).toHaveLength(1);
  await clock.advance(1_000);
  expect(rest.applied).toHaveLength(2);
});

test('Q3: without a network one lane at a time tries, and all go on when it is back', async () => {
  const { outbox, rest, clock, platform } = createTestOutbox();
  rest.fate = () => 'down';
  await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => outbox.enqueue(addNote, { id, text: 'x' })));
  await clock.advance(60_000);
  // Four at once, then one every 2.5 s on average.
  expect(rest.requests.length).toBeLessThan(4 + 35);
  expect(outbox.store.get()).toMatchObject({ online: false, pending: { length: 6 } });
  rest.fate = () => 'ok';
  platform.tell('online');
  await clock.advance(0);
  expect(rest.applied).toHaveLength(6);
  expect(outbox.store.get()).toMatchObject({ online: true, pending: [] });
});

test('Q6: nothing is sent while another person, or nobody, is signed in, and the rest goes when its person is back', async () => {
  const { outbox, rest, clock, signIn } = createTestOutbox();
  signIn('omar');
  await outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(60_000);
  signIn(null);
  await clock.advance(60_000);
  expect(rest.requests).toEqual([]);
  signIn('sara');
  await clock.advance(5_000);
  expect(rest.applied).toHaveLength(1);
});

test('Q6: a request carries the token that was checked, though somebody else signs in before it leaves', async () => {
  const { outbox, rest, clock, signIn } = createTestOutbox({
    actions: [defineAction({
      name: 'slow',
      input: z.string(),
      execute: async (supabase, id) => {
        await new Promise<void>((resolve) => { clock.setTimeout(resolve, 1_000); });
        await supabase.schema('public').rpc('touch', { id });
        return supabase.from('notes').insert({ id });
      },
    })],
  });
  const slow = defineAction({ name: 'slow', input: z.string(), execute: () => Promise.resolve(null) });
  await outbox.enqueue(slow, 'a');
  await clock.advance(500);
  signIn('omar');
  await clock.advance(500);
  const subjects = rest.requests.map(({ headers }) => (JSON.parse(atob((headers.get('Authorization') ?? '').split('.')[1] ?? '')) as { sub: string }).sub);
  expect(subjects).toEqual(['sara', 'sara']);
});

test.each([
  { how: 'rejects', open: () => Promise.reject(new DOMException('no', 'SecurityError')) },
  { how: 'throws', open: () => { throw new DOMException('no', 'SecurityError'); } },
])('Q7: a storage whose opening $how leaves a queue in memory that says so, and stands for nothing that it cannot read', async ({ open }) => {
  const storage: OutboxStorage = { durable: true, open };
  const campaign = vi.fn();
  const { outbox, rest, clock } = createTestOutbox({ storage, tabs: { ...singleTab, campaign } });
  await outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(0);
  expect(rest.applied).toHaveLength(1);
  expect(outbox.store.get()).toMatchObject({ durable: false, draining: true, warning: { code: 'outbox/not-durable' } });
  expect(campaign).not.toHaveBeenCalled();
});

test('Q7: what the storage has no room for is sent by the tab that has it, after what is stored of its lane, also when another tab leads', async () => {
  const inner = memoryStorage();
  let full = false;
  const quota = (): Promise<never> => Promise.reject(new DOMException('full', 'QuotaExceededError'));
  const open = async (scope: string): Promise<OutboxQueue> => {
    const queue = await inner.open(scope);
    return { ...queue, add: (actions) => (full ? quota() : queue.add(actions)), change: (places, decide) => (full && places.length > 0 ? quota() : queue.change(places, decide)) };
  };
  const leader = createTestOutbox({ storage: { durable: true, open } });
  const { outbox, rest, clock } = leader;
  rest.fate = () => 'down';
  await outbox.enqueue(addNote, { id: 'a', text: 'stored', lane: 'x' });
  full = true;
  await outbox.enqueue(addNote, { id: 'b', text: 'in memory', lane: 'x' });
  full = false;
  await outbox.enqueue(addNote, { id: 'c', text: 'behind it', lane: 'x' });
  await outbox.enqueue(addNote, { id: 'd', text: 'elsewhere' });
  full = true;
  expect((await (await inner.open('sara')).load(0)).actions).toHaveLength(2);
  expect(outbox.store.get()).toMatchObject({ warning: { code: 'outbox/not-durable' } });
  rest.fate = () => 'ok';
  await clock.advance(10_000);
  expect(rest.applied.map(({ row }) => row.id).filter((id) => id !== 'd')).toEqual(['a', 'b', 'c']);
  expect(outbox.store.get().pending).toEqual([]);
  expect((await (await inner.open('sara')).load(0)).actions).toEqual([]);

  // A tab that never leads.
  const follower = createTestOutbox({ storage: { durable: true, open }, tabs: { campaign: () => undefined, listen: () => () => undefined, post: () => undefined } });
  await follower.outbox.enqueue(addNote, { id: 'e', text: 'x' });
  await follower.clock.advance(0);
  expect(follower.rest.applied).toHaveLength(1);
});

test('Q5: a tab that sends believes what is stored, not what it is told late by one that sent before it', async () => {
  const storage = memoryStorage();
  let tell = (_message: TabMessage): void => undefined;
  const { outbox, rest, clock } = createTestOutbox({
    storage,
    tabs: { ...singleTab, listen: (_scope, onMessage) => { tell = onMessage; return () => undefined; } },
  });
  rest.fate = () => 'down';
  const { confirmed } = await outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(0);
  const [stored] = (await (await storage.open('sara')).load(0)).actions;
  // It failed there, and the tab died before that was stored.
  const failure = { code: 'outbox/failed', status: 400, serverCode: null, message: 'no', details: null, hint: null, at: 0 };
  if (stored !== undefined) tell({ type: 'changed', actions: [{ ...stored, failure }] });
  rest.fate = () => 'ok';
  await clock.advance(5_000);
  expect(await confirmed).toEqual({ id: 'a', text: 'x' });
  expect(outbox.store.get()).toMatchObject({ pending: [], failed: [] });
});

test('damaged records are told of, and the rest is sent', async () => {
  const inner = memoryStorage();
  const storage: OutboxStorage = { durable: true, open: async (scope) => ({ ...(await inner.open(scope)), load: async (after) => ({ ...(await (await inner.open(scope)).load(after)), corrupted: 2 }) }) };
  const { outbox, rest, clock } = createTestOutbox({ storage });
  await outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(0);
  expect(rest.applied).toHaveLength(1);
  expect(outbox.store.get().warning?.code).toBe('outbox/records-damaged');
});

test('unsent actions of a lane fold, share what becomes of them, and what was sent is left as it is', async () => {
  const folding = defineAction({
    ...addNote,
    fold: ({ input }, later) => (later.name === 'set-note' ? { name: 'add-note', input: { ...input, ...(later.input as object) } } : later.name === 'drop' ? 'nothing' : null),
  });
  const drop = defineAction({ name: 'drop', input: z.object({ id: z.string() }), lane: ({ id }) => `notes:${id}`, execute: (supabase, { id }) => supabase.from('notes').delete().eq('id', id) });
  const { outbox, rest, clock, writes } = createTestOutbox({ actions: [folding, setNote, drop] });
  const enqueued = await Promise.all([
    outbox.enqueue(folding, { id: 'a', text: '1' }),
    outbox.enqueue(setNote, { id: 'a', text: '2' }),
    outbox.enqueue(setNote, { id: 'a', text: '3' }),
    outbox.enqueue(folding, { id: 'b', text: '1' }),
    outbox.enqueue(drop, { id: 'b' }),
  ]);
  await clock.advance(0);
  expect(await Promise.all(enqueued.map(({ confirmed }) => confirmed))).toEqual([{ id: 'a', text: '3' }, { id: 'a', text: '3' }, { id: 'a', text: '3' }, undefined, undefined]);
  expect(rest.requests).toHaveLength(1);
  expect(writes.of('public', 'notes')).toEqual([]);

  rest.fate = () => 'lost';
  await outbox.enqueue(folding, { id: 'c', text: '1' });
  await clock.advance(0);
  await outbox.enqueue(drop, { id: 'c' });
  rest.fate = () => 'ok';
  await clock.advance(5_000);
  expect(rest.applied.map(({ type, row }) => `${type} ${row.id}`)).toEqual(['INSERT a', 'INSERT c', 'DELETE c']);
});

test('Q1: what is folded is what was given, and stays two where one of the actions or what comes of both would be refused', async () => {
  const priced = z.object({ id: z.string(), price: z.pipe(z.string(), z.transform(Number)) });
  const sell = defineAction({
    name: 'sell',
    input: priced,
    lane: ({ id }) => id,
    execute: (supabase, row) => supabase.from('goods').insert(row).select().single(),
    fold: ({ input }, later) => ({ name: 'sell', input: { ...input, ...(later.input as object) } }),
  });
  const change = defineAction({
    name: 'change',
    input: z.object({ id: z.string(), price: z.optional(z.union([z.string(), z.null()])) }),
    lane: ({ id }) => id,
    execute: (supabase, { id, ...changes }) => supabase.from('goods').update(changes).eq('id', id).select().single(),
  });
  const { outbox, rest, clock } = createTestOutbox({ actions: [sell, change] });
  const receipts = await Promise.all([
    outbox.enqueue(sell, { id: 'a', price: '7' }),
    outbox.enqueue(change, { id: 'a', price: '8' }),
    outbox.enqueue(change, { id: 'a', price: null }),
  ]);
  await clock.advance(10_000);
  expect(receipts.map(({ store }) => store.get().status)).toEqual(['confirmed', 'confirmed', 'confirmed']);
  expect(rest.applied.map(({ type, row }) => [type, row])).toEqual([['INSERT', { id: 'a', price: 8 }], ['UPDATE', { id: 'a', price: null }]]);
});

test('an unsent action can be discarded, one that may have been done cannot', async () => {
  const { outbox, rest, clock } = createTestOutbox();
  rest.fate = () => 'lost';
  const [first, second] = await Promise.all([outbox.enqueue(addNote, { id: 'a', text: '1' }), outbox.enqueue(setNote, { id: 'a', text: '2' })]);
  await clock.advance(0);
  await expect(outbox.discard(first.id)).rejects.toMatchObject({ code: 'outbox/already-sent' });
  await outbox.discard(second.id);
  await expect(second.confirmed).rejects.toMatchObject({ code: 'outbox/discarded' });
  rest.fate = () => 'ok';
  await clock.advance(5_000);
  expect(rest.applied).toHaveLength(1);
});

test('Q3: discarding in a tab that was not told that the action is done tells that it may be', async () => {
  const storage = memoryStorage();
  const follower = createTestOutbox({ storage, tabs: { ...singleTab, campaign: () => undefined } });
  const receipt = await follower.outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await follower.clock.advance(0);
  const leader = createTestOutbox({ storage, rest: follower.rest });
  leader.outbox.start();
  await leader.clock.advance(0);
  expect([follower.rest.applied.length, follower.outbox.store.get().pending.length]).toEqual([1, 1]);
  await expect(follower.outbox.discard(receipt.id)).rejects.toMatchObject({ code: 'outbox/already-sent' });
  await receipt.confirmed;
  expect(follower.outbox.store.get().pending).toEqual([]);
});

test('two who discard one action both have it discarded', async () => {
  const { outbox, rest, clock } = createTestOutbox();
  rest.fate = () => ({ status: 400, code: '23514' });
  const { id } = await outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(0);
  await Promise.all([outbox.discard(id), outbox.discard(id)]);
  expect(outbox.store.get().failed).toEqual([]);
});

test('what was folded into another action is retried and discarded by its own id, as part of that', async () => {
  const notes = tableActions({ table: 'notes' });
  const { outbox, rest, clock } = createTestOutbox({ actions: notes.all });
  rest.fate = () => 'lost';
  const id = newId();
  const [, changed] = await Promise.all([outbox.enqueue(notes.insert, { id, text: '1' }), outbox.enqueue(notes.update, { key: { id }, changes: { text: '2' } })]);
  await clock.advance(0);
  await expect(outbox.discard(changed.id)).rejects.toMatchObject({ code: 'outbox/already-sent' });
  rest.fate = () => ({ status: 400, code: '23514' });
  await clock.advance(5_000);
  expect(outbox.store.get().failed).toHaveLength(1);
  rest.fate = () => 'ok';
  await outbox.retry(changed.id);
  await clock.advance(0);
  expect([outbox.store.get().failed, rest.tables.get('notes')?.get(id)]).toEqual([[], { id, text: '2' }]);
});

test('Q3: what was not sent says nothing of the network', async () => {
  const storage = memoryStorage();
  const queue = await storage.open('sara');
  const base = { enqueuedAt: 1, attempts: 0, folded: [], failure: null };
  await queue.add([{ ...base, id: '1', name: 'add-note', lane: 'a', input: { id: 'a', text: 'x' } }, { ...base, id: '2', name: 'of-an-older-app', lane: 'b', input: {} }]);
  const { outbox, rest, clock } = createTestOutbox({ storage, lanes: 1 });
  rest.fate = () => 'down';
  const seen: boolean[] = [];
  outbox.store.subscribe(() => seen.push(outbox.store.get().online));
  await clock.advance(3_000);
  expect([outbox.store.get().failed.length, seen.slice(seen.indexOf(false)).includes(true)]).toEqual([1, false]);
});

test('an action whose definition is missing is not retried with another input, and says so', async () => {
  const storage = memoryStorage();
  await (await storage.open('sara')).add([{ id: '1', name: 'of-an-older-app', lane: 'x', input: { a: 1 }, enqueuedAt: 1, attempts: 0, folded: [], failure: null }]);
  const { outbox, clock } = createTestOutbox({ storage });
  outbox.start();
  await clock.advance(0);
  await expect(outbox.retry('1', { a: 2 })).rejects.toMatchObject({ code: 'outbox/action-unknown' });
  expect(outbox.store.get().failed).toMatchObject([{ input: { a: 1 } }]);
});

test('an attempt that gets no answer ends after half a minute and is made again; the end of the outbox ends it at once', async () => {
  const { outbox, rest, clock } = createTestOutbox();
  rest.fate = () => new Promise(() => undefined);
  const { confirmed } = await outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(36_000);
  expect(rest.requests.length).toBe(2);
  outbox.end();
  await expect(confirmed).rejects.toMatchObject({ code: 'client/disposed' });
  await clock.advance(0);
  expect(clock.pending).toBe(0);
  await expect(outbox.enqueue(addNote, { id: 'b', text: 'x' })).rejects.toMatchObject({ code: 'client/disposed' });
});
