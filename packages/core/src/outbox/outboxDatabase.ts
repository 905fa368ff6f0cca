import { openDB, type DBSchema, type IDBPDatabase, type IDBPObjectStore, type IDBPTransaction, type StoreNames } from 'idb';
import type { Clock } from '../lib/clock.ts';
import { newId } from '../lib/uuid7.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import type { LeaseRecord } from './standByLease.ts';

/** What a person's database holds. What is read of it is checked: older versions of the app, and faulty disks, wrote it too. */
export interface OutboxSchema extends DBSchema {
  /** The queue. The key is the place in it: the store's generator never gives one twice, also after all was removed. */
  actions: { key: number; value: unknown };
  /** Records that were no actions, for somebody to look at. */
  damaged: { key: number; value: { readonly seq: IDBValidKey; readonly record: unknown } };
  /** Who drains, where there are no Web Locks; one record. */
  lease: { key: 'leader'; value: LeaseRecord };
  /** Tells this database from one of its name that was deleted; one record. */
  origin: { key: 'id'; value: string };
}

/** A part of the database. */
export type StoreName = StoreNames<OutboxSchema>;
type Transaction = IDBPTransaction<OutboxSchema, StoreName[], 'readwrite'>;

/** One step of the schema: what makes a database of the version before into one of the next. Steps are added, never changed. */
type Migration = (database: IDBPDatabase<OutboxSchema>) => void;

const MIGRATIONS: readonly Migration[] = [
  (database) => {
    database.createObjectStore('actions', { keyPath: 'seq', autoIncrement: true });
    database.createObjectStore('damaged', { autoIncrement: true });
  },
  (database) => {
    database.createObjectStore('lease');
  },
  (database) => {
    void database.createObjectStore('origin').put(newId(), 'id');
  },
];

/** Some browsers have versions that never answer; a frozen tab of an older version answers when it is woken. */
const OPEN_TIMEOUT_MS = 5_000;
/** Places a database may have given for each ms of its life; times the ms since 1970 they stay below 2^52 until the year 2527. */
const PLACES_PER_MS = 256;
/** How long a transaction may take, in ms: another tab may hold one that never ends. Then it is aborted, so that it is known to have done nothing. */
const TRANSACTION_TIMEOUT_MS = 5_000;

/** Options of {@link createOutboxDatabase}. */
interface OutboxDatabaseOptions {
  readonly name: string;
  readonly clock: Clock;
  /** What the page knows of the queue: asked when somebody deleted the database that it had open, to store it again with its places. */
  readonly known: () => readonly { readonly seq: number }[];
  /** A newer version of the app has the database now, and this page never again. */
  readonly onOutdated: () => void;
}

/** A database that is opened when it is needed, and again when another tab or the browser closed it. */
export interface OutboxDatabase {
  /** Resolves when it can be used. Rejects with the platform's error where there is no IndexedDB, or a newer version of the app was here. */
  open(): Promise<void>;
  /**
   * One transaction over the stores, durable when it resolves. `body` waits for nothing but its requests. Rejects with what
   * `body` threw or the platform's error, and then nothing has happened; also when it takes longer than 5 s. One that the browser
   * ended is made again, so `body` may be called twice.
   */
  run<T>(stores: readonly StoreName[], mode: 'readonly' | 'readwrite', body: (transaction: Transaction) => T | Promise<T>): Promise<T>;
  close(): void;
}

/** Makes the access to one database; opens nothing yet. */
export function createOutboxDatabase({ name, clock, known, onOutdated }: OutboxDatabaseOptions): OutboxDatabase {
  let connecting: Promise<IDBPDatabase<OutboxSchema>> | null = null;
  /** Of the database that this page had open last. */
  let origin: string | undefined;
  let closed = false;

  const connect = (): Promise<IDBPDatabase<OutboxSchema>> => {
    if (closed) return Promise.reject(new Error('the queue was closed'));
    if (typeof indexedDB === 'undefined') return Promise.reject(new Error('there is no IndexedDB here'));
    connecting ??= open();
    return connecting;
  };
  const open = (): Promise<IDBPDatabase<OutboxSchema>> => {
    let tooLate = false;
    const opening = openDB<OutboxSchema>(name, MIGRATIONS.length, {
      upgrade(database, oldVersion, _newVersion, transaction) {
        for (const migrate of MIGRATIONS.slice(oldVersion)) migrate(database);
        if (oldVersion === 0) countFrom(transaction.objectStore('actions'), clock.now() * PLACES_PER_MS);
      },
      // Another tab deletes the database or has a newer version of the app: it must not wait for this one.
      blocking(_version, newVersion) {
        void opening.then((database) => database.close());
        if (newVersion !== null) onOutdated();
      },
    });
    void opening.then((database) => {
      if (tooLate || closed) database.close();
    }, (error: unknown) => {
      if (error instanceof DOMException && error.name === 'VersionError') onOutdated();
    });
    const attempt = withTimeout(opening.then(giveBack), OPEN_TIMEOUT_MS, clock, () => {
      tooLate = true;
      return new Error(`the database did not open within ${OPEN_TIMEOUT_MS} ms`);
    });
    attempt.catch(() => { forget(attempt); });
    return attempt;
  };
  /** Somebody may have deleted the database since, and another page have made it anew. */
  const giveBack = async (database: IDBPDatabase<OutboxSchema>): Promise<IDBPDatabase<OutboxSchema>> => {
    const found = await database.get('origin', 'id');
    if (origin !== undefined && origin !== found) {
      const transaction = database.transaction('actions', 'readwrite', { durability: 'strict' });
      const { store } = transaction;
      // What another page has given back may have gone on since.
      await Promise.all([...known().map(async (action) => (await store.getKey(action.seq)) ?? store.put(action)), transaction.done]);
    }
    origin = found;
    return database;
  };
  const forget = (connection: Promise<unknown>): void => {
    if (connecting === connection) connecting = null;
  };
  /** Another tab or the browser may have closed the connection: then nothing has happened yet, and a new one is made. */
  const begin = async (stores: readonly StoreName[], mode: 'readonly' | 'readwrite'): Promise<Transaction> => {
    const options = { durability: 'strict' } as const;
    const connection = connect();
    const database = await connection;
    try {
      return database.transaction([...stores], mode, options) as Transaction; // of a reading body only reading is called
    } catch {
      forget(connection);
      return (await connect()).transaction([...stores], mode, options) as Transaction; // as above
    }
  };

  const run = async <T>(stores: readonly StoreName[], mode: 'readonly' | 'readwrite', body: (transaction: Transaction) => T | Promise<T>, isFirst: boolean): Promise<T> => {
    const transaction = await begin(stores, mode);
    let late: Error | undefined;
    const timer = clock.setTimeout(() => {
      if (abort(transaction)) late = new Error(`the database did not answer within ${TRANSACTION_TIMEOUT_MS} ms`);
    }, TRANSACTION_TIMEOUT_MS);
    const done = transaction.done.catch(() => { throw transaction.error ?? new Error('the transaction was aborted'); });
    try {
      const result = await body(transaction);
      await done;
      return result;
    } catch (error) {
      abort(transaction);
      const ended = done.catch(() => undefined);
      if (late !== undefined) throw late; // its end may not be told either
      await ended;
      // Requests of a transaction that ended fail with AbortError: its own error says why.
      const reason = transaction.error ?? error;
      if (!isFirst || !(reason instanceof DOMException) || reason.name !== 'AbortError') throw reason;
      // Nobody here has aborted it: the browser closed the connection under it, and nothing has happened.
      transaction.db.close();
      return await run(stores, mode, body, false);
    } finally {
      clock.clearTimeout(timer);
    }
  };

  return {
    async open() {
      await connect();
    },
    run: (stores, mode, body) => run(stores, mode, body, true),
    close() {
      closed = true;
      void connecting?.then((database) => database.close(), () => undefined);
    },
  };
}

/**
 * Has the places of a new store begin there: after all that a deleted one of its name has given, so that what pages still know
 * by its place is not taken for another action.
 */
function countFrom(store: IDBPObjectStore<OutboxSchema, StoreName[], 'actions', 'versionchange'>, seq: number): void {
  void store.put({ seq });
  void store.delete(seq);
}

/** Whether nothing of the transaction happens any more; false when it is being committed or has ended. */
function abort(transaction: Transaction): boolean {
  try {
    transaction.abort();
    return true;
  } catch {
    return false;
  }
}
