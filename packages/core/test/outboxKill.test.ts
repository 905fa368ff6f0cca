import { randomUUID } from 'node:crypto';
import { createTestBackend, type TestBackend } from '@ruwad/realtime-devserver/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createRealtimeClient, defineAction, memoryStorage, outbox, type OutboxQueue, type OutboxStorage, type RealtimeClient } from '../src/index.ts';
import { createLife, mortalClock, mortalStorage, type Life } from './support/mortal.ts';
import { people } from './support/people.ts';
import { until } from './support/until.ts';

const SETUP = `
  create table notes (id uuid primary key, text text not null);
  create table written (at bigint generated always as identity, note uuid, type text, text text);
  create function note_written() returns trigger language plpgsql as $$
  begin
    insert into written (note, type, text) values (coalesce(new.id, old.id), tg_op, new.text);
    return null;
  end $$;
  create trigger note_changed after insert or update or delete on notes for each row execute function note_written();
`;

const note = z.object({ id: z.string(), text: z.string() });
const lane = ({ id }: { id: string }): string => `notes:${id}`;
const add = defineAction({
  name: 'add',
  input: note,
  lane,
  execute: (supabase, row) => supabase.from('notes').insert(row),
  applied: (supabase, { id }) => supabase.from('notes').select().eq('id', id).maybeSingle(),
});
/** Logged only when it changes something: the same again is no second write. */
const set = defineAction({ name: 'set', input: note, lane, execute: (supabase, { id, text }) => supabase.from('notes').update({ text }).eq('id', id).neq('text', text) });
const remove = defineAction({ name: 'remove', input: z.object({ id: z.string() }), lane, execute: (supabase, { id }) => supabase.from('notes').delete().eq('id', id) });
/** An insert that takes a later `set` in. */
const addFolding = defineAction({ ...add, name: 'add-folding', fold: ({ input }, later) => (later.name === 'set' ? { name: 'add-folding', input: { ...input, text: note.parse(later.input).text } } : later.name === 'remove' ? 'nothing' : null) });

let backend: TestBackend;
beforeAll(async () => {
  backend = await createTestBackend({ migrations: null, seed: null, setup: SETUP, patienceMs: 20_000 });
});
afterAll(async () => {
  await backend.close();
});

/** A page of the app; it waits for nothing but what its life lets through. */
async function openPage(storage: OutboxStorage, process: Life, disk: Life): Promise<RealtimeClient> {
  const token = await backend.server.signToken({ sub: people.sara.id, role: 'authenticated' });
  const supabase = backend.anonClient({
    accessToken: () => process.through(() => Promise.resolve(token)),
    global: { fetch: (input, init) => process.through(() => fetch(input, { ...init, signal: null })) },
  });
  return createRealtimeClient({ supabase, user: people.sara, clock: mortalClock(process), outbox: outbox({ actions: [add, set, remove, addFolding], storage: mortalStorage(mortalStorage(storage, process), disk) }) });
}

/** Four notes, each with a lane of its own, and what is to be written of them. */
function plan(): { ids: string[]; enqueue: (realtime: RealtimeClient) => Promise<unknown>; expected: Record<string, string[]> } {
  const ids = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const [a = '', b = '', c = '', d = ''] = ids;
  const enqueue = ({ outbox: queue }: RealtimeClient): Promise<unknown> =>
    Promise.all([
      queue.enqueue(add, { id: a, text: '1' }),
      queue.enqueue(addFolding, { id: c, text: '1' }),
      queue.enqueue(set, { id: a, text: '2' }),
      queue.enqueue(add, { id: b, text: '1' }),
      queue.enqueue(addFolding, { id: d, text: '1' }),
      queue.enqueue(set, { id: c, text: '2' }),
      queue.enqueue(set, { id: a, text: '3' }),
      queue.enqueue(remove, { id: d }),
      queue.enqueue(remove, { id: b }),
    ]);
  return { ids, enqueue, expected: { [a]: ['INSERT 1', 'UPDATE 2', 'UPDATE 3'], [b]: ['INSERT 1', 'DELETE null'], [c]: ['INSERT 2'], [d]: [] } };
}

/** What the database logged of each note, in order. */
async function written(ids: readonly string[]): Promise<Record<string, string[]>> {
  const rows = await backend.sql<{ note: string; what: string }>('select note, type || \' \' || coalesce(text, \'null\') as what from written where note = any($1) order by at', [ids]);
  return Object.fromEntries(ids.map((id) => [id, rows.filter((row) => row.note === id).map(({ what }) => what)]));
}

const immortal = (): Life => createLife(Infinity);
const drained = (realtime: RealtimeClient): Promise<unknown> => until(realtime.outbox.store, ({ pending, draining }) => draining && pending.length === 0, 'an empty queue');

/** One page until its process or its disk dies at a step, then another page over the same storage. */
async function liveTwice(process: Life, disk: Life): Promise<void> {
  const { storage, adds } = countingStorage();
  const { ids, enqueue, expected } = plan();
  const first = await openPage(storage, process, disk);
  const enqueued = enqueue(first).then(() => drained(first), () => undefined);
  await Promise.race([enqueued, process.died, disk.died.then(() => idle(process))]);
  await process.over(); // the server, and the disk, end what has reached them
  const inMemory = first.outbox.store.get().durable === false;
  await first.dispose();

  const second = await openPage(storage, immortal(), immortal());
  second.outbox.start();
  await drained(second);
  expect(second.outbox.store.get().failed).toEqual([]);
  await second.dispose();
  // What died before it was stored anywhere was never promised.
  expect(await written(ids)).toEqual(adds() > 0 || inMemory ? expected : Object.fromEntries(ids.map((id) => [id, []])));
  await backend.closeClients();
}

/** A storage that says how often something was added. */
function countingStorage(): { storage: OutboxStorage; adds: () => number } {
  const inner = memoryStorage();
  let adds = 0;
  const open = async (scope: string): Promise<OutboxQueue> => {
    const queue = await inner.open(scope);
    return {
      ...queue,
      add(actions) {
        adds += 1;
        return queue.add(actions);
      },
    };
  };
  return { storage: { durable: true, open }, adds: () => adds };
}

/** Resolves when a page whose disk is dead does nothing any more. */
async function idle(process: Life): Promise<void> {
  for (let [quiet, steps] = [0, -1]; quiet < 20; quiet += 1) {
    await process.over();
    await new Promise((resolve) => { setImmediate(resolve); });
    if (process.steps !== steps) [quiet, steps] = [0, process.steps];
  }
}

/** Runs with every step as the last one; fails when there are hardly any. */
async function atEveryStep(steps: number, run: (killAt: number) => Promise<Life>): Promise<void> {
  expect(steps).toBeGreaterThan(10);
  for (let killAt = 0; killAt < steps; killAt += 1) expect((await run(killAt)).dead, `killed at step ${String(killAt)}`).toBe(true);
}

test('Q1: a process killed at any await, and started again, has every action applied exactly once, in the order of its lane', { timeout: 120_000 }, async () => {
  const whole = immortal();
  await liveTwice(whole, immortal());
  await atEveryStep(whole.steps, async (killAt) => {
    const process = createLife(killAt);
    await liveTwice(process, immortal());
    return process;
  });
});

for (const refuses of [false, true]) {
  test(`Q1, Q7: a storage that ${refuses ? 'refuses everything' : 'falls silent'} at any of its operations costs no action its one execution, and no lane its order`, { timeout: 120_000 }, async () => {
    const whole = createLife(Infinity, { refuses });
    await liveTwice(immortal(), whole);
    await atEveryStep(whole.steps, async (killAt) => {
      const disk = createLife(killAt, { refuses });
      await liveTwice(immortal(), disk);
      return disk;
    });
  });
}
