// Opens a data directory, then commits transactions for ever: each writes one row into both tables and its neighbour's
// balance, and its number is printed once it is acknowledged. `opening` is printed before the database is opened,
// `ready` when it is open.
import { openDatabase } from '../../src/database/openDatabase.ts';

const [dataDir = '', migrations = '', seed = '', reset = ''] = process.argv.slice(2);
process.stdout.write('opening\n');
const db = await openDatabase({ dataDir, migrations, seed, reset: reset === 'reset' });
const [last] = await db.query<{ n: number }>('select coalesce(max(n), 0)::int as n from entries');
process.stdout.write('ready\n');
for (let n = (last?.n ?? 0) + 1; ; n += 1) {
  await db.transaction(async (tx) => {
    await tx.query(`insert into entries (n, body) values ($1, repeat('x', 3000))`, [n]);
    await tx.query('update totals set count = count + 1, last = $1', [n]);
  });
  process.stdout.write(`${n}\n`);
}
