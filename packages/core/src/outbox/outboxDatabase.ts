import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import type { Clock } from '../lib/clock.ts';
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
}

type StoreName = StoreNames<OutboxSchema>;
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
];

/** Some browsers have versions that never answer; a frozen tab of an older version answers when it is woken. */
const OPEN_TIMEOUT_MS = 5_000;
/** How long a transaction may take, in ms: another tab may hold one that never ends. Then it is aborted, so that it is known to have done nothing. */
const TRANSACTION_TIMEOUT_MS = 5_000;

/** Options of {@link createOutboxDatabase}. */
interface OutboxDatabaseOptions {
  readonly name: string;
  readonly clock: Clock;
  /** Called in the transaction in which a database that this page had open is made anew, because somebody deleted it. */
  readonly onLost: (transaction: { put: (action: unknown) => void }) => void;
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
export function createOutboxDatabase({ name, clock, onLost }: OutboxDatabaseOptions): OutboxDatabase {
  let connecting: Promise<IDBPDatabase<OutboxSchema>> | null = null;
  let wasOpen = false;
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
        if (oldVersion === 0 && wasOpen) onLost({ put: (action) => void transaction.objectStore('actions').put(action) });
      },
      // Another tab deletes the database or has a newer version of the app: it must not wait for this one.
      blocking() {
        void opening.then((database) => database.close());
      },
    });
    void opening.then((database) => {
      wasOpen = true;
      if (tooLate || closed) database.close();
    }, () => undefined);
    const attempt = withTimeout(opening, OPEN_TIMEOUT_MS, clock, () => {
      tooLate = true;
      return new Error(`the database did not open within ${OPEN_TIMEOUT_MS} ms`);
    });
    attempt.catch(() => { forget(attempt); });
    return attempt;
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

/** Whether nothing of the transaction happens any more; false when it is being committed or has ended. */
function abort(transaction: Transaction): boolean {
  try {
    transaction.abort();
    return true;
  } catch {
    return false;
  }
}
