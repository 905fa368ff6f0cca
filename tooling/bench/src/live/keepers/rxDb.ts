import { createRxDatabase, type RxJsonSchema } from 'rxdb/plugins/core';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { BehaviorSubject, filter, firstValueFrom } from 'rxjs';
import type { ChallengeRow } from '../../core/rows.ts';
import { ORDER_COLUMN } from '../history.ts';
import type { Keeper } from '../keeper.ts';

const text = { type: 'string' } as const;
const schema: RxJsonSchema<ChallengeRow> = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { ...text, maxLength: 36 }, title: text, body: text, status: text, priority: { type: 'number' }, is_public: { type: 'boolean' }, score: { type: 'number' },
    author_id: text, created_at: { ...text, maxLength: 32 }, updated_at: text, metadata: { type: 'object' },
  },
  required: ['id', 'created_at'],
  indexes: ['created_at'],
};

let databases = 0;

/** RxDB in memory, and a query in the list's order with a subscriber. A change is done when the query has emitted it. */
export function rxDb(): Promise<Keeper> {
  let end = (): Promise<unknown> => Promise.resolve();
  let list: readonly { toJSON(): unknown }[] = [];
  let change: (type: string, row: ChallengeRow) => Promise<unknown> = () => Promise.resolve();
  return Promise.resolve({
    async load(pages) {
      const database = await createRxDatabase({ name: `bench-${String((databases += 1))}`, storage: getRxStorageMemory(), multiInstance: false });
      const { rows } = await database.addCollections({ rows: { schema } });
      await rows.bulkInsert(pages.flatMap((page) => JSON.parse(page) as ChallengeRow[]));
      const emitted = new BehaviorSubject(0);
      const subscription = rows.find({ sort: [{ [ORDER_COLUMN]: 'desc' }, { id: 'asc' }] }).$.subscribe((found) => {
        list = found;
        emitted.next(emitted.value + 1);
      });
      await firstValueFrom(emitted.pipe(filter((count) => count > 0)));
      change = async (type, row) => {
        const before = emitted.value;
        const shown = firstValueFrom(emitted.pipe(filter((count) => count > before)));
        await (type === 'DELETE' ? rows.bulkRemove([row.id]) : rows.upsert(row));
        await shown;
      };
      end = () => {
        subscription.unsubscribe();
        list = [];
        return database.close();
      };
    },
    arrival: ({ type, row }) => async () => { await change(type, row); },
    frame: () => undefined,
    rows: () => list.map((document) => document.toJSON() as ChallengeRow),
    unload: async () => { await end(); },
  });
}
