import type { Tx } from '../../database/database.ts';

/** Names the tables of the publication and what it publishes of them; equal texts mean that nothing changed. */
export async function publishedTables(db: Tx): Promise<string> {
  const rows = await db.query<{ table: string }>("select relid || ' ' || events as table from realtime_changes.published() order by 1");
  return rows.map(({ table }) => table).join('\n');
}
