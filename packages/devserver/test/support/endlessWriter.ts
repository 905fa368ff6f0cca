// Inserts into a data directory for ever and prints each id once its transaction is committed.
import { openDatabase } from '../../src/database/openDatabase.ts';

const [dataDir = '', migrations = ''] = process.argv.slice(2);
const db = await openDatabase({ dataDir, migrations });
for (;;) {
  const [row] = await db.query<{ id: number }>(`insert into items (body) values (repeat('x', 2000)) returning id`);
  process.stdout.write(`${row?.id}\n`);
}
