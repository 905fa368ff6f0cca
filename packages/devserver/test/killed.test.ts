import fc from 'fast-check';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../src/database/openDatabase.ts';
import { deepRuns } from './support/deep.ts';
import { runTypeScript, type Child } from './support/childProcess.ts';
import { devProject } from './support/devProject.ts';
import { temporaryFolder } from './support/temporaryFolder.ts';

// Every kill starts a process, which compiles and opens a database.
vi.setConfig({ testTimeout: deepRuns({ usual: 120_000, deep: 1_800_000 }) });

const root = temporaryFolder();
const project = devProject(join(root, 'supabase'));
project.migration(
  '0001_entries.sql',
  `create table entries (n int primary key, body text not null);
   create index on entries (md5(body || n));
   create table totals (count int not null, last int not null);
   alter publication supabase_realtime add table entries;`,
);
project.writeSeed('insert into totals values (0, 0);');
const { migrations, seed } = project;
const seedOfRun = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

const writer = (dataDir: string, ...more: string[]) => runTypeScript('test/support/acknowledgingWriter.ts', [dataDir, migrations, seed, ...more]);

/** What the killed process said it committed: the last number of which a whole line arrived. */
const acknowledged = ({ stdout }: Child) => Number(stdout.filter((line) => /^\d+$/.test(line)).at(-1) ?? 0);

async function killed(child: Child): Promise<void> {
  child.kill('SIGKILL');
  await child.ended;
}

/** Opens a directory after a kill and looks at it with SQL: every transaction is there as a whole, and none is missing in between. */
async function survivors(dataDir: string): Promise<number> {
  const db = await openDatabase({ dataDir, migrations, seed });
  try {
    const [found] = await db.query('select count(*)::int, coalesce(max(n), 0)::int as last, (select count from totals) as counted, (select last from totals) as noted, (select count(*)::int from totals) as totals from entries where length(body) = 3000');
    // The index holds what the table holds.
    const [indexed] = await db.query(`select count(*)::int from entries where md5(body || n) = md5(repeat('x', 3000) || n)`);
    const last = Number(found?.['last']);
    expect(found).toEqual({ count: last, last, counted: last, noted: last, totals: 1 });
    expect(indexed).toEqual({ count: last });
    return last;
  } finally {
    await db.close();
  }
}

describe(`a data directory whose process is killed (seed ${seedOfRun})`, () => {
  it('keeps every acknowledged transaction, whole, wherever in the writes it happens and however often', async () => {
    const dataDir = join(root, 'writes');
    const commitsBeforeKill = fc.sample(fc.integer({ min: 1, max: 200 }), { numRuns: deepRuns({ usual: 2, deep: 60 }), seed: seedOfRun });
    for (const commits of commitsBeforeKill) {
      const child = writer(dataDir);
      const first = Number(await child.line(/^\d+$/));
      await child.line(new RegExp(`^${first + commits}$`));
      await killed(child);
      const committed = acknowledged(child);
      expect(await survivors(dataDir)).toBeGreaterThanOrEqual(committed);
    }
  });

  it('opens again, whole and with its rows, when it happened during a start or a reset', async () => {
    const dataDir = join(root, 'starts');
    const cases = fc.sample(fc.record({ afterMs: fc.integer({ min: 0, max: 1_500 }), fresh: fc.boolean(), reset: fc.boolean() }), { numRuns: deepRuns({ usual: 2, deep: 60 }), seed: seedOfRun });
    let least = 0;
    for (const { afterMs, fresh, reset } of cases) {
      if (fresh) rmSync(dataDir, { recursive: true, force: true });
      const child = writer(dataDir, ...(reset ? ['reset'] : []));
      await child.line(/^opening$/);
      // The moment of the kill is what is random here; nothing waits for the delay itself.
      await delay(afterMs);
      await killed(child);
      const committed = acknowledged(child);
      // A reset may have come as far as to delete what was there.
      least = fresh || reset ? committed : Math.max(least, committed);
      const found = await survivors(dataDir);
      expect(found).toBeGreaterThanOrEqual(least);
      least = found;
      expect(existsSync(join(dataDir, 'lock.json'))).toBe(false);
    }
  });
});
