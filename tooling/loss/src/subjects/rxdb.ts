import { addRxPlugin, createRxDatabase, type RxJsonSchema, type WithDeleted } from 'rxdb/plugins/core';
import { RxDBLeaderElectionPlugin } from 'rxdb/plugins/leader-election';
import { replicateSupabase } from 'rxdb/plugins/replication-supabase';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { byId, type Row } from '../rows.ts';
import type { Subject } from '../subject.ts';

/** https://rxdb.info/replication-supabase.html: the schema mirrors the table but for what the server keeps for itself. */
const schema: RxJsonSchema<Row> = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 100 },
    owner: { type: 'string' },
    title: { type: 'string' },
    amount: { type: 'number' },
  },
  required: ['id', 'owner', 'title', 'amount'],
};

let databases = 0;

/**
 * RxDB with its Supabase replication. It replicates whole tables, as its documentation does, and a filter is a query on
 * what it holds; so rows that leave the filter need no event of their own.
 */
export const rxdb: Subject = {
  name: 'rxdb',
  title: 'RxDB',
  packages: ['rxdb'],
  table: 'items_soft',
  listens: true,
  ours: false,
  async start({ supabase, table, filter }) {
    addRxPlugin(RxDBLeaderElectionPlugin);
    // One tab: nobody to share the replication with.
    const database = await createRxDatabase({ name: `loss-${String((databases += 1))}`, storage: getRxStorageMemory(), multiInstance: false });
    const { items } = await database.addCollections({ items: { schema } });
    const replication = replicateSupabase<Row>({
      tableName: table,
      client: supabase,
      collection: items,
      replicationIdentifier: 'items-supabase',
      live: true,
      pull: { batchSize: 50, modifier: withoutServerColumns },
      push: { batchSize: 50 },
      modifiedField: 'updated_at',
      deletedField: 'deleted',
    });
    let shown: Map<string, Row> = new Map();
    const query = items.find(filter === null ? {} : { selector: { [filter.column]: filter.value } });
    const subscription = query.$.subscribe((documents: { toJSON(): Row }[]) => {
      shown = byId(documents.map((document) => document.toJSON()));
    });
    return {
      rows: () => shown,
      async stop() {
        subscription.unsubscribe();
        await replication.cancel();
        await database.close();
      },
    };
  },
};

/** The plugin takes `updated_at` off and renames `deleted`; the other column of the server is not in the schema either. */
function withoutServerColumns({ created_at: _, ...row }: WithDeleted<Row> & { created_at?: string }): WithDeleted<Row> {
  return row;
}
