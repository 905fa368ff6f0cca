import type { SupabaseClient } from '@supabase/supabase-js';
import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { defineAction, type ExecuteContext } from '../src/index.ts';
import { addNote, createTestOutbox, settleRequests, type TestOutbox } from './support/testOutbox.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that is not the project's. */
async function elsewhere(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`; // of a TCP server
}

/** Enqueues an action that does this; `ran` resolves when it has so many times. */
async function run(execute: (context: ExecuteContext) => Promise<unknown>, prepare: (made: TestOutbox) => void = () => undefined): Promise<TestOutbox & { readonly ran: (times: number) => Promise<void> }> {
  let ended = 0;
  const action = defineAction({
    name: 'elsewhere',
    input: z.null(),
    execute: (_supabase, _input, context) => execute(context).finally(() => { ended += 1; }),
  });
  const made = createTestOutbox({ actions: [action] });
  prepare(made);
  await made.outbox.enqueue(action, null);
  const ran = async (times: number): Promise<void> => {
    while (ended < times) await new Promise((resolve) => { setImmediate(resolve); });
    await settleRequests();
  };
  return { ...made, ran };
}

const ask = (url: string) => async ({ fetch: fetchFor }: ExecuteContext): Promise<unknown> => {
  const response = await fetchFor(url, { method: 'POST', headers: { 'X-Own': 'kept' } });
  if (!response.ok) throw new Error('it did not work');
  return response.json();
};

test('Q3: what a request to another server meets through the given fetch decides, and the token stays here', async () => {
  const headers: unknown[] = [];
  const answers = [503, 429, 200];
  const url = await elsewhere((request, response) => {
    headers.push([request.headers['x-own'], request.headers.authorization]);
    const status = answers.shift() ?? 200;
    response.writeHead(status, status === 429 ? { 'Retry-After': '7' } : {}).end('{"done":true}');
  });
  const { outbox, clock, ran } = await run(ask(url));
  await ran(1);
  expect(outbox.store.get()).toMatchObject({ pending: [{ attempts: 1 }], failed: [] });
  await clock.advance(250);
  await ran(2);
  await clock.advance(6_999);
  expect(answers).toEqual([200]);
  await clock.advance(1);
  await ran(3);
  expect(outbox.store.get()).toMatchObject({ pending: [], failed: [] });
  expect(headers).toEqual(Array.from({ length: 3 }, () => ['kept', undefined]));
});

test('Q3: a request to another server that gets no answer is made again, one that is refused is not', async () => {
  const gone = await run(ask('http://127.0.0.1:9/'));
  await gone.ran(1);
  expect(gone.outbox.store.get()).toMatchObject({ pending: [{ attempts: 1 }], failed: [], online: false });
  gone.outbox.end();
  const url = await elsewhere((_request, response) => { response.writeHead(422).end(); });
  const refused = await run(ask(url));
  await refused.ran(1);
  expect(refused.outbox.store.get()).toMatchObject({ pending: [], failed: [{ failure: { status: 422, message: 'it did not work' } }] });
});

test('a request to another server ends with the outbox', async () => {
  let reached: (() => void) | undefined;
  let left: (() => void) | undefined;
  const [arrival, end] = [new Promise<void>((resolve) => { reached = resolve; }), new Promise<void>((resolve) => { left = resolve; })];
  const url = await elsewhere((_request, response) => {
    response.once('close', () => left?.());
    reached?.();
  });
  const { outbox } = await run(ask(url));
  await arrival;
  outbox.end();
  await end;
});

test('Q3: without a network an error that says nothing is no refusal', async () => {
  const { outbox, clock, platform } = await run(() => Promise.reject(new TypeError('Failed to fetch')), (made) => { made.platform.online = false; });
  await clock.advance(0);
  expect(outbox.store.get()).toMatchObject({ pending: [{ attempts: 1 }], failed: [] });
  platform.tell('online');
  await clock.advance(0);
  expect(outbox.store.get()).toMatchObject({ pending: [], failed: [{ failure: { message: 'Failed to fetch' } }] });
});

test('Q3: without a network an error that is given, and says nothing, is no refusal', async () => {
  const { outbox, clock } = await run(() => Promise.resolve({ data: null, error: new TypeError('Failed to fetch') }), (made) => { made.platform.online = false; });
  await clock.advance(0);
  expect(outbox.store.get()).toMatchObject({ pending: [{ attempts: 1 }], failed: [] });
});

/** Writes whose answers come without a status, as supabase-js or the app gives them. */
const WITHOUT_STATUS = [
  ['an Edge Function', (supabase) => supabase.functions.invoke('send', { body: { id: 'a' } })],
  ['Storage', (supabase) => supabase.storage.from('files').upload('a.json', '{}', { upsert: true })],
  ['a table, passed on without it', async (supabase) => {
    const { data, error } = await supabase.from('notes').insert({ id: 'a' });
    return { data, error };
  }],
  ['a table, in words of the app', async (supabase) => {
    const { error } = await supabase.from('notes').insert({ id: 'a' });
    return { data: null, error: error && 'it did not work' };
  }],
] as const satisfies readonly (readonly [string, (supabase: SupabaseClient) => Promise<unknown>])[];

test.for(WITHOUT_STATUS)('Q3: an error of %s is judged by what its request met', async ([, execute]) => {
  const action = defineAction({ name: 'write', input: z.null(), execute });
  const { outbox, rest, clock, platform } = createTestOutbox({ actions: [action] });
  rest.fate = () => 'down';
  const { confirmed } = await outbox.enqueue(action, null);
  await clock.advance(0);
  expect(outbox.store.get()).toMatchObject({ pending: [{ attempts: 1 }], failed: [], online: false });
  rest.fate = () => ({ status: 429, retryAfter: '7' });
  platform.tell('online');
  await clock.advance(0);
  expect(outbox.store.get()).toMatchObject({ pending: [{ attempts: 2 }], failed: [], online: true });
  rest.fate = () => ({ status: 503 });
  await clock.advance(7_000);
  expect(outbox.store.get()).toMatchObject({ pending: [{ attempts: 3 }], failed: [] });
  rest.fate = () => ({ status: 422 });
  await Promise.all([clock.advance(5_000), expect(confirmed).rejects.toMatchObject({ code: 'outbox/failed' })]);
  expect(outbox.store.get()).toMatchObject({ pending: [], failed: [{ failure: { status: 422 } }] });
});

test('Q4: a socket that opens ends the wait', async () => {
  const { outbox, clock, connection, rest } = createTestOutbox({ random: () => 0.999 });
  rest.fate = () => 'down';
  await outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(1_000);
  const before = rest.requests.length;
  rest.fate = () => 'ok';
  await clock.advance(0);
  expect([rest.requests.length, outbox.store.get().online]).toEqual([before, false]);
  connection.set({ ...connection.get(), status: 'open' });
  await clock.advance(0);
  expect([rest.applied.length, outbox.store.get().online]).toEqual([1, true]);
});
