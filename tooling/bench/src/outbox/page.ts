import { createRealtimeClient, defineAction, outbox, type Outbox, type OutboxQueue, type StoredAction } from '@ruwad/realtime-core';
import { indexedDbStorage } from '@ruwad/realtime-core/indexeddb';
import { createClient } from '@supabase/supabase-js';
import { deleteDB, openDB, type IDBPDatabase } from 'idb';
import * as z from 'zod/mini';

type Durability = 'strict' | 'relaxed';

const STORE = 'actions';
const addNote = defineAction({
  name: 'add-note',
  input: z.object({ id: z.string(), text: z.string() }),
  lane: ({ id }) => id,
  execute: (supabase, row) => supabase.from('notes').insert(row).select().single(),
});
const inputOf = (at: number): { id: string; text: string } => ({ id: `note ${at}`, text: `What somebody wrote on a train, number ${at}.` });
const recordOf = (at: number): Omit<StoredAction, 'seq'> => ({ id: crypto.randomUUID(), name: addNote.name, lane: `note ${at}`, input: inputOf(at), enqueuedAt: Date.now(), attempts: 0, folded: [], failure: null });
const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

/** Each way to do a thing, in a new database; gives ms for all of `count`. */
const measures = {
  /** Enqueued in one turn, through the public API. */
  enqueue: (count: number) => withOutbox(false, async (queue) => timed(() => Promise.all(upTo(count).map((at) => queue.enqueue(addNote, inputOf(at)))))),
  /** The same by a queue that has a transaction for each. */
  putEach: (count: number) => withDatabase(async (database) => timed(() => Promise.all(upTo(count).map((at) => putOne(database, at, 'strict'))))),
  putEachRelaxed: (count: number) => withDatabase(async (database) => timed(() => Promise.all(upTo(count).map((at) => putOne(database, at, 'relaxed'))))),
  /** The same, each when the one before is stored. */
  putInTurn: (count: number) => withDatabase(async (database) => timed(async () => { for (const at of upTo(count)) await putOne(database, at, 'strict'); })),

  /** What was done leaves the queue. */
  remove: (count: number) => withQueue(async (queue) => {
    const places = await queue.add(upTo(count).map(recordOf));
    return timed(() => queue.change([], () => ({ remove: places })));
  }),
  deleteEach: (count: number) => withDatabase(async (database) => {
    const places = await fill(database, count);
    return timed(() => Promise.all(places.map((place) => deleteOne(database, place))));
  }),

  /** All that was stored is sent, four lanes at a time, to a server that answers at once. */
  drain: (count: number) => withOutbox(true, (queue) => timed(async () => {
    const receipts = await Promise.all(upTo(count).map((at) => queue.enqueue(addNote, inputOf(at))));
    await Promise.all(receipts.map(({ confirmed }) => confirmed));
  })),
  /** The same by a queue that has a transaction for each step of each. */
  drainEach: (count: number) => withDatabase((database) => timed(async () => {
    const places = await Promise.all(upTo(count).map((at) => putOne(database, at, 'strict')));
    const sender = async (): Promise<void> => {
      for (let place = places.shift(); place !== undefined; place = places.shift()) {
        const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
        const record = (await transaction.store.get(place)) as StoredAction; // put there above
        await transaction.store.put({ ...record, attempts: 1 });
        await transaction.done;
        await answer();
        await deleteOne(database, place);
      }
    };
    await Promise.all(upTo(4).map(sender));
  })),
} satisfies Record<string, (count: number) => Promise<number>>;

/** One more behind many and one more behind few, in turn, so that what else the disk does hits both; the medians of `count`, in ms. */
async function behind(count: number, many: number, few: number): Promise<readonly [many: number, few: number]> {
  const costs: [number[], number[]] = [[], []];
  await withOutbox(false, (long) => withOutbox(false, async (short) => {
    for (const [queue, waiting] of [[long, many], [short, few]] as const) await Promise.all(upTo(waiting).map((at) => queue.enqueue(addNote, inputOf(at))));
    for (const at of upTo(count)) {
      costs[0].push(await timed(() => long.enqueue(addNote, inputOf(many + at))));
      costs[1].push(await timed(() => short.enqueue(addNote, inputOf(many + at))));
    }
    return 0;
  }));
  const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(count / 2)] ?? Number.NaN;
  return [median(costs[0]), median(costs[1])];
}

/** What {@link measures} can do. */
export type Measure = keyof typeof measures;

let databases = 0;

async function timed(body: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await body();
  return performance.now() - from;
}

/** An outbox that sends to a server that answers at once, or a tab that never sends. */
async function withOutbox(sends: boolean, body: (queue: Outbox) => Promise<number>): Promise<number> {
  const userId = crypto.randomUUID();
  const supabase = createClient('http://nowhere.test', 'key', { accessToken: () => Promise.resolve(tokenOf(userId)), global: { fetch: answer } });
  const name = `bench ${(databases += 1)}`;
  const storage = indexedDbStorage({ name });
  const follower = { campaign: () => undefined, listen: () => () => undefined, post: () => undefined };
  const realtime = createRealtimeClient({ supabase, user: { id: userId, name: 'Sara', role: 'innovator' }, outbox: outbox({ actions: [addNote], storage, ...(!sends && { tabs: follower }) }) });
  await realtime.outbox.enqueue(addNote, inputOf(0)); // opens the database
  const cost = await body(realtime.outbox);
  await realtime.dispose();
  await deleteDB(`${name}/${userId}`);
  return cost;
}

async function withQueue(body: (queue: OutboxQueue) => Promise<number>): Promise<number> {
  const name = `bench ${(databases += 1)}`;
  const queue = await indexedDbStorage({ name }).open('sara');
  const cost = await body(queue);
  queue.close();
  await deleteDB(`${name}/sara`);
  return cost;
}

async function withDatabase(body: (database: IDBPDatabase) => Promise<number>): Promise<number> {
  const name = `bench ${(databases += 1)}`;
  const database = await openDB(name, 1, { upgrade: (made) => { made.createObjectStore(STORE, { keyPath: 'seq', autoIncrement: true }); } });
  const cost = await body(database);
  database.close();
  await deleteDB(name);
  return cost;
}

async function putOne(database: IDBPDatabase, at: number, durability: Durability): Promise<IDBValidKey> {
  const transaction = database.transaction(STORE, 'readwrite', { durability });
  const place = await transaction.store.add(recordOf(at));
  await transaction.done;
  return place;
}

async function deleteOne(database: IDBPDatabase, place: IDBValidKey): Promise<void> {
  const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
  await transaction.store.delete(place);
  await transaction.done;
}

async function fill(database: IDBPDatabase, count: number): Promise<IDBValidKey[]> {
  const transaction = database.transaction(STORE, 'readwrite');
  const places = await Promise.all(upTo(count).map((at) => transaction.store.add(recordOf(at))));
  await transaction.done;
  return places;
}

function answer(): Promise<Response> {
  return Promise.resolve(new Response('{"id":"a","text":"b"}', { status: 201, headers: { 'content-type': 'application/json' } }));
}

function tokenOf(sub: string): string {
  const part = (value: object): string => btoa(JSON.stringify(value)).replaceAll('=', '');
  return `${part({ alg: 'HS256' })}.${part({ role: 'authenticated', sub })}.signature`;
}

declare global {
  interface Window {
    measures: Readonly<Record<Measure, (count: number) => Promise<number>>>;
    behind: typeof behind;
  }
}
Object.assign(window, { measures, behind });
