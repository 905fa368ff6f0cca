import { createTestBackend, type TestBackend } from '@ruwad/realtime-devserver/testing';
import type { SupabaseClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createRealtimeClient, defineAction, outbox } from '../src/index.ts';
import { errorClass, errorFacts, type ErrorClass } from '../src/outbox/errorClass.ts';

// What a project's REST API really answers, and what the outbox makes of it.
const SETUP = `
  create table notes (id int primary key, parent int references notes, text text not null check (text <> 'bad'), stored_by uuid default auth.uid());
  create index notes_text on notes (text);
  alter table notes enable row level security;
  create policy "all but secrets" on notes for all using (true) with check (text is distinct from 'secret');
  create table kept (id int primary key);
  create function fail(code text) returns void language plpgsql as $$ begin raise exception 'failed' using errcode = code; end $$;
  create view totals as select count(*) as notes from notes;
  revoke all on kept from anon, authenticated;
  insert into notes values (1, null, 'first');
`;

let backend: TestBackend;
let sara: SupabaseClient;
beforeAll(async () => {
  backend = await createTestBackend({ migrations: null, seed: null, setup: SETUP });
  sara = await backend.signInAs({ id: 'a0000000-0000-4000-8000-000000000002' });
});
afterAll(async () => {
  await backend.close();
});

/** What a request was answered with, and its class. */
async function judged(request: PromiseLike<{ error: unknown; status: number }>): Promise<readonly [number | null, string | null, ErrorClass]> {
  const { error, status } = await request;
  expect(error).not.toBeNull();
  const facts = errorFacts(error, status);
  return [facts.status, facts.code, errorClass(facts)];
}

test('Q3: what PostgREST answers to writes that cannot work is refused; a key that is there is a duplicate', async () => {
  const notes = (values: object) => judged(sara.from('notes').insert(values));
  expect(await notes({ id: 1, text: 'again' })).toEqual([409, '23505', 'duplicate']);
  expect(await notes({ id: 'x', text: 'a' })).toEqual([400, '22P02', 'refused']);
  expect(await notes({ id: 2 ** 40, text: 'a' })).toEqual([400, '22003', 'refused']);
  expect(await notes({ id: 2 })).toEqual([400, '23502', 'refused']);
  expect(await notes({ id: 2, text: 'a', parent: 99 })).toEqual([409, '23503', 'refused']);
  expect(await notes({ id: 2, text: 'bad' })).toEqual([400, '23514', 'refused']);
  expect(await notes({ id: 2, text: 'secret' })).toEqual([403, '42501', 'refused']);
  expect(await notes({ id: 2, words: 'a' })).toEqual([400, 'PGRST204', 'refused']);
  // PostgREST answers 500, and would at every attempt: a value that is too long for its index, a view without rules.
  expect(await notes({ id: 2, text: Array.from({ length: 4_000 }, () => Math.random().toString(36)).join('') })).toEqual([500, '54000', 'refused']);
  expect(await judged(sara.from('totals').insert({ notes: 1 }))).toEqual([500, '55000', 'refused']);
  expect(await judged(sara.from('kept').insert({ id: 1 }))).toEqual([403, '42501', 'refused']);
  expect(await judged(sara.from('nothing').insert({ id: 1 }))).toEqual([404, 'PGRST205', 'refused']);
  expect(await judged(sara.rpc('nothing'))).toEqual([404, 'PGRST202', 'refused']);
  expect(await judged(sara.from('notes').select().eq('id', 9).single())).toEqual([406, 'PGRST116', 'refused']);
  expect(await backend.sql('select id from notes')).toEqual([{ id: 1 }]);
});

test('Q3: of each class of SQLSTATE the status is PostgREST\'s, and what may pass is sent again', async () => {
  // Statuses as in https://docs.postgrest.org/en/stable/references/errors.html#http-status-codes
  const expected = [
    ['40001', 500, 'busy'], ['40P01', 500, 'busy'], ['53100', 503, 'busy'], ['53200', 503, 'busy'], ['53300', 503, 'busy'], ['53400', 500, 'busy'],
    ['57014', 500, 'busy'], ['57P01', 503, 'busy'], ['57P03', 500, 'busy'], ['08006', 503, 'busy'], ['25006', 405, 'busy'], ['55P03', 500, 'busy'], ['55006', 500, 'busy'], ['58030', 500, 'busy'], ['XX000', 500, 'busy'],
    ['22012', 400, 'refused'], ['23P01', 400, 'refused'], ['42501', 403, 'refused'], ['42883', 404, 'refused'], ['42P01', 404, 'refused'], ['42P17', 500, 'refused'], ['44000', 400, 'refused'], ['0A000', 400, 'refused'],
    ['P0001', 400, 'refused'], ['P0002', 500, 'refused'], ['20000', 400, 'refused'], ['21000', 500, 'refused'], ['28000', 403, 'refused'],
    ['09000', 500, 'refused'], ['2D000', 500, 'refused'], ['38000', 500, 'refused'], ['39000', 500, 'refused'], ['3B000', 500, 'refused'], ['54001', 500, 'refused'], ['55000', 500, 'refused'],
  ] as const;
  const found = [];
  for (const [code] of expected) found.push(await judged(sara.rpc('fail', { code })));
  expect(found).toEqual(expected.map(([code, status, kind]) => [status, code, kind]));
});

test('Q3: statuses that a function chooses for itself decide as those of the server do', async () => {
  for (const [status, kind] of [[401, 'token'], [404, 'refused'], [408, 'busy'], [409, 'refused'], [413, 'refused'], [425, 'busy'], [429, 'patience'], [500, 'busy'], [503, 'busy'], [504, 'busy']] as const) {
    expect(await judged(sara.rpc('fail', { code: `PT${String(status)}` }))).toEqual([status, `PT${String(status)}`, kind]);
  }
});

test('Q3: tokens that are not good, a database that is away and a server that is not there are known by their codes', async () => {
  const withToken = (token: string) => judged(backend.anonClient({ accessToken: () => Promise.resolve(token) }).from('notes').select());
  const expired = await backend.server.signToken({ sub: 'a0000000-0000-4000-8000-000000000002', role: 'authenticated', exp: 1_000 });
  expect(await withToken(expired)).toEqual([401, 'PGRST303', 'token']);
  expect(await withToken('no.good.token')).toEqual([401, 'PGRST301', 'token']);
  expect(await judged(backend.anonClient().from('kept').select())).toEqual([401, '42501', 'refused']);

  const restart = await backend.faults.restartDatabase({ downMs: 60_000 });
  expect(await judged(sara.from('notes').insert({ id: 3, text: 'a' }))).toEqual([503, expect.stringMatching(/^(?:PGRST00[0-3]|57P0\d|08\d\d\d)$/), 'busy']);
  await restart.stop();
  const lost = await backend.faults.loseResponses();
  expect(await judged(sara.from('notes').insert({ id: 4, text: 'a' }))).toEqual([0, null, 'network']);
  await lost.stop();
});

test('Q3: a token that the server refuses is renewed, and the action sent again with the new one', async () => {
  const { email, id } = await backend.createUser({ email: 'noura@ruwad.example', password: 'a-password' });
  const supabase = await backend.signIn(email, 'a-password');
  const add = defineAction({ name: 'add', input: z.object({ id: z.number(), text: z.string() }), execute: (client, row) => client.from('notes').insert(row).select('stored_by').single() });
  const realtime = createRealtimeClient({ supabase, user: { id, name: 'Noura' }, outbox: outbox({ actions: [add] }) });
  await backend.faults.expireTokens();
  const receipt = await realtime.outbox.enqueue(add, { id: 5, text: 'a' });
  expect(await receipt.confirmed).toEqual({ stored_by: id });
  expect(await backend.sql('select stored_by from notes where id = 5')).toEqual([{ stored_by: id }]);
  await realtime.dispose();
});
