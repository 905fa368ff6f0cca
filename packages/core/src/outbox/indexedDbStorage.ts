import type { IDBPObjectStore } from 'idb';
import { anySignal } from '../lib/anySignal.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import { createBrowserTabs } from './browserTabs.ts';
import { createIndexedDbLease, type IndexedDbLease } from './indexedDbLease.ts';
import { createOutboxDatabase, type OutboxDatabase, type OutboxSchema, type StoreName } from './outboxDatabase.ts';
import { placeRanges } from './placeRanges.ts';
import { isStoredAction } from './storedRecord.ts';
import type { OutboxQueue, OutboxStorage, QueueChange, StoredAction } from './types.ts';

/** Options of {@link indexedDbStorage}. */
export interface IndexedDbStorageOptions {
  /** Begins the names of databases, locks and channels. Apps of one origin that are not one app need two. @defaultValue `'ruwad-outbox'` */
  readonly name?: string | undefined;
  /** @defaultValue the clock of the platform */
  readonly clock?: Clock | undefined;
}

type ActionStore = IDBPObjectStore<OutboxSchema, StoreName[], 'actions', 'readwrite'>;

/** What the queues and campaigns of one person share. */
interface Room {
  readonly database: OutboxDatabase;
  readonly lease: IndexedDbLease;
  /** What the page knows of the queue, by those that have it open. */
  readonly known: Set<() => readonly StoredAction[]>;
  /** Aborts when a newer version of the app has the database: this page cannot drain it any more. */
  readonly outdated: AbortSignal;
  users: number;
}

/**
 * Keeps queues in IndexedDB, a database for each person, and has the tabs of a browser share them: one drains, and another
 * takes over when it closes, crashes or is frozen.
 *
 * What was stored survives a crash of the page, of the browser and of the machine. Opening it rejects where the browser has
 * no IndexedDB or refuses it, where it does not answer within 5 s, and where a newer version of the app has changed the database.
 */
export function indexedDbStorage({ name = 'ruwad-outbox', clock = systemClock }: IndexedDbStorageOptions = {}): OutboxStorage {
  const rooms = new Map<string, Room>();
  const enter = (scope: string): Room => {
    const room = rooms.get(scope) ?? createRoom(`${name}/${scope}`, clock);
    rooms.set(scope, room);
    room.users += 1;
    return room;
  };
  const leave = (scope: string, room: Room): void => {
    room.users -= 1;
    if (room.users > 0) return;
    room.database.close();
    rooms.delete(scope);
  };
  const tabs = createBrowserTabs({
    name,
    clock,
    lease(scope) {
      const room = enter(scope);
      return { store: room.lease, release: () => { leave(scope, room); } };
    },
  });
  return {
    durable: true,
    tabs: {
      ...tabs,
      campaign(scope, signal, lead) {
        const room = enter(scope);
        signal.addEventListener('abort', () => { leave(scope, room); }, { once: true });
        tabs.campaign(scope, anySignal([signal, room.outdated]), lead);
      },
    },
    async open(scope, known = () => []) {
      const room = enter(scope);
      room.known.add(known);
      const close = once(() => {
        room.known.delete(known);
        leave(scope, room);
      });
      try {
        await room.database.open();
      } catch (error) {
        close();
        throw error;
      }
      return createQueue(room, close);
    },
  };
}

function createRoom(databaseName: string, clock: Clock): Room {
  const known = new Set<() => readonly StoredAction[]>();
  const outdated = new AbortController();
  const database = createOutboxDatabase({
    name: databaseName,
    clock,
    known: () => [...known].flatMap((read) => read()),
    onOutdated: () => { outdated.abort(); },
  });
  return { database, lease: createIndexedDbLease(database), known, outdated: outdated.signal, users: 0 };
}

function createQueue({ database, lease }: Room, close: () => void): OutboxQueue {
  return {
    add: (actions) =>
      database.run(['actions'], 'readwrite', (transaction) => {
        const store = transaction.objectStore('actions');
        return each(actions, (action) => store.add(action));
      }),
    load: (afterSeq) => load(database, afterSeq),
    change: (places, decide) =>
      database.run(['actions', 'lease'], 'readwrite', async (transaction) => {
        const store = transaction.objectStore('actions');
        const [records] = await Promise.all([getAll(store, places), lease.check(transaction.objectStore('lease'))]);
        const found = records.filter(isStoredAction).map((action) => [action.seq, action] as const);
        await apply(store, decide(new Map(found)));
      }),
    close,
  };
}

async function load(database: OutboxDatabase, afterSeq: number): ReturnType<OutboxQueue['load']> {
  const { records, unreadable } = await readAll(database, IDBKeyRange.lowerBound(afterSeq, true));
  const damaged = records.filter((record) => !isStoredAction(record));
  // What cannot be moved – the disk is full – stays where it is, and is counted again.
  if (damaged.length > 0) await setAside(database, damaged).catch(() => undefined);
  return { actions: records.filter(isStoredAction), corrupted: damaged.length + unreadable };
}

/**
 * One request. Where a value cannot be read at all – its file is lost – that fails for all of them: then each is read by
 * itself. What could not even be read stays where it is, since it cannot be moved.
 */
async function readAll(database: OutboxDatabase, range: IDBKeyRange): Promise<{ readonly records: readonly unknown[]; readonly unreadable: number }> {
  const read = <T>(body: (store: ActionStore) => Promise<T>): Promise<T> =>
    database.run(['actions'], 'readonly', (transaction) => body(transaction.objectStore('actions')));
  try {
    return { records: await read((store) => store.getAll(range)), unreadable: 0 };
  } catch {
    const keys = await read((store) => store.getAllKeys(range));
    const each = await Promise.allSettled(keys.map((key) => read((store) => store.get(key))));
    const records = each.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    return { records, unreadable: keys.length - records.length };
  }
}

function setAside(database: OutboxDatabase, records: readonly unknown[]): Promise<void> {
  return database.run(['actions', 'damaged'], 'readwrite', async (transaction) => {
    await each(records, async (record) => {
      const { seq } = record as { seq: number }; // the key path of the store; any key is fine for deleting
      await transaction.objectStore('damaged').add({ seq, record });
      await transaction.objectStore('actions').delete(seq);
    });
  });
}

async function getAll(store: ActionStore, places: readonly number[]): Promise<readonly unknown[]> {
  const found = await each(placeRanges(places), ([from, to]) => store.getAll(IDBKeyRange.bound(from, to)));
  return found.flat();
}

async function apply(store: ActionStore, { put = [], remove = [] }: QueueChange): Promise<void> {
  await Promise.all([
    each(put, (action) => store.put(action)),
    each(placeRanges(remove), ([from, to]) => store.delete(IDBKeyRange.bound(from, to))),
  ]);
}

/** Starts a request for each. One that throws at once rejects as one that fails later: the others are still waited for. */
function each<Item, Result>(items: readonly Item[], request: (item: Item) => Promise<Result>): Promise<Result[]> {
  return Promise.all(items.map(async (item) => request(item)));
}

function once(callback: () => void): () => void {
  let called = false;
  return () => {
    if (!called) callback();
    called = true;
  };
}
