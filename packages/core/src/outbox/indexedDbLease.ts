import type { IDBPObjectStore } from 'idb';
import type { OutboxDatabase, OutboxSchema, StoreName } from './outboxDatabase.ts';
import type { LeaseRecord, LeaseStore } from './standByLease.ts';

type Mode = 'readonly' | 'readwrite';

/** A lease in the database of the queue. */
export interface IndexedDbLease extends LeaseStore {
  /** Rejects when this page leads by a lease that is another's by now; part of every transaction that changes the queue. */
  check(store: IDBPObjectStore<OutboxSchema, StoreName[], 'lease', Mode>): Promise<void>;
}

/** Makes the lease of one database. */
export function createIndexedDbLease(database: OutboxDatabase): IndexedDbLease {
  const guards = new Map<string, () => void>();
  return {
    read: () => database.run(['lease'], 'readonly', async (transaction) => (await transaction.objectStore('lease').get('leader')) ?? null),
    swap: (expected, next) =>
      database.run(['lease'], 'readwrite', async (transaction) => {
        const store = transaction.objectStore('lease');
        if (!same((await store.get('leader')) ?? null, expected)) return false;
        await (next === null ? store.delete('leader') : store.put(next, 'leader'));
        return true;
      }),
    guard(holder, onLost) {
      guards.set(holder, onLost);
      return () => { guards.delete(holder); };
    },
    async check(store) {
      if (guards.size === 0) return;
      const holder = (await store.get('leader'))?.holder;
      if (holder !== undefined && guards.has(holder)) return;
      for (const onLost of guards.values()) onLost();
      throw new Error('another tab drains the queue now');
    },
  };
}

function same(a: LeaseRecord | null, b: LeaseRecord | null): boolean {
  return a?.holder === b?.holder && a?.beat === b?.beat;
}
