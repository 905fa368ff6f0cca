import { createCollection, createLiveQueryCollection, type SyncConfig } from '@tanstack/db';
import type { ChallengeRow } from '../../core/rows.ts';
import { ORDER_COLUMN } from '../history.ts';
import type { Keeper } from '../keeper.ts';

type Sync = Parameters<SyncConfig<ChallengeRow, string>['sync']>[0];

/** A TanStack DB collection that a sync writes to, and a live query over it in the list's order, with a subscriber. */
export function tanstackDb(): Promise<Keeper> {
  let loads = 0;
  let end = (): Promise<void> => Promise.resolve();
  let write: (change: { type: 'insert' | 'update' | 'delete'; value: ChallengeRow }[]) => void = () => undefined;
  let list = (): readonly ChallengeRow[] => [];
  return Promise.resolve({
    async load(pages) {
      let sync: Sync | undefined;
      const collection = createCollection<ChallengeRow, string>({ id: `rows ${String((loads += 1))}`, getKey: ({ id }) => id, startSync: true, sync: { sync: (given) => { sync = given; } } });
      write = (changes) => {
        sync?.begin();
        for (const change of changes) sync?.write(change);
        void sync?.commit();
      };
      write(pages.flatMap((page) => JSON.parse(page) as ChallengeRow[]).map((value) => ({ type: 'insert', value })));
      sync?.markReady();
      const query = createLiveQueryCollection({ startSync: true, query: (from) => from.from({ row: collection }).orderBy(({ row }) => row[ORDER_COLUMN], 'desc') });
      await query.preload();
      const subscription = query.subscribeChanges(() => undefined);
      list = () => query.toArray;
      end = async () => {
        subscription.unsubscribe();
        await query.cleanup();
        await collection.cleanup();
      };
    },
    arrival: ({ type, row }) => () => {
      write([{ type: type === 'INSERT' ? 'insert' : type === 'UPDATE' ? 'update' : 'delete', value: row }]);
    },
    frame: () => undefined,
    rows: () => list(),
    unload: () => end(),
  });
}
