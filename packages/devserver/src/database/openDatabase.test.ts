import { cpSync, existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { devProject } from '../../test/support/devProject.ts';
import { recordingLogger, type RecordingLogger } from '../../test/support/recordingLogger.ts';
import { temporaryFolder } from '../../test/support/temporaryFolder.ts';
import { DevServerError } from '../errors.ts';
import type { Database } from './database.ts';
import { openDatabase, type OpenDatabaseOptions } from './openDatabase.ts';

// Many a test starts Postgres, beside whatever else the machine does.
vi.setConfig({ testTimeout: 120_000 });

const root = temporaryFolder();
const cacheDir = join(root, 'cache');
const project = devProject(join(root, 'supabase'));
project.migration('0001_items.sql', 'create table items (id int primary key);');
project.writeSeed('insert into items values (1);');
const dataDir = join(root, 'data');
const open = (options: Partial<OpenDatabaseOptions>): Promise<Database> =>
  openDatabase({ dataDir: null, migrations: project.migrations, seed: project.seed, cacheDir, ...options });

async function itemsIn(database: Database): Promise<number[]> {
  const rows = await database.query<{ id: number }>('select id from items order by id');
  await database.close();
  return rows.map(({ id }) => id);
}

/** Code and text of the error that a promise rejects with. */
async function refusal(failing: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error: unknown = await failing.then(() => new Error('not refused'), (thrown: unknown) => thrown);
  if (error instanceof DevServerError) return { code: error.code, message: error.message };
  throw error;
}

const count = (logger: RecordingLogger, line: string) => logger.lines.filter((text) => text.startsWith(`info ${line}`)).length;

describe('openDatabase', () => {
  it('runs initdb, migrations and seed once, and starts from the cached image after', async () => {
    const logger = recordingLogger();
    // A baseline of its own, which no package brings an image of.
    const baselineDir = join(root, 'sql');
    mkdirSync(baselineDir);
    writeFileSync(join(baselineDir, '00.sql'), 'create table own_baseline ();');
    const [first, second] = await Promise.all([open({ logger, baselineDir }), open({ logger, baselineDir })]);
    expect([await itemsIn(first), await itemsIn(second)]).toEqual([[1], [1]]);
    expect(await itemsIn(await open({ logger, baselineDir }))).toEqual([1]);
    expect(count(logger, 'creating the database')).toBe(1);
    expect(count(logger, 'running the migrations')).toBe(1);
    expect(readdirSync(cacheDir)).toHaveLength(2);
  });

  it('records migrations the way the Supabase CLI does', async () => {
    const database = await open({});
    const recorded = await database.query('select * from supabase_migrations.schema_migrations');
    await database.close();
    expect(recorded).toEqual([{ version: '0001', name: 'items', statements: ['create table items (id int primary key)'] }]);
  });

  it('keeps the rows of a data directory, and gives it new migrations but no second seed', async () => {
    const first = await open({ dataDir });
    await first.exec('insert into items values (2)');
    expect(await itemsIn(first)).toEqual([1, 2]);

    project.migration('0002_more.sql', 'insert into items values (3);');
    const logger = recordingLogger();
    expect(await itemsIn(await open({ dataDir, logger }))).toEqual([1, 2, 3]);
    expect(await itemsIn(await open({ dataDir, logger }))).toEqual([1, 2, 3]);
    expect(logger.lines).toEqual(['debug migration applied']);
  });

  it('warns about a migration and a seed that changed after they ran', async () => {
    const path = project.migration('0001_items.sql', 'create table items (id int primary key, name text);');
    project.writeSeed('insert into items values (10);');
    const logger = recordingLogger();
    expect(await itemsIn(await open({ dataDir, logger }))).toEqual([1, 2, 3]);
    expect(logger.lines).toEqual([
      `warn ${path} changed after it was applied; the database keeps the old version (add a new migration, or start with --reset)`,
      `warn ${project.seed} is not what this database was created with; a seed runs only into a new database (start with --reset)`,
    ]);
  });

  it('makes the database anew on reset', async () => {
    expect(await itemsIn(await open({ dataDir, reset: true }))).toEqual([3, 10]);
  });

  it('refuses a second opening and names the process that has the directory', async () => {
    const first = await open({ dataDir });
    expect(await refusal(open({ dataDir }))).toMatchObject({ code: 'data-dir/locked', message: expect.stringContaining(`in use by process ${process.pid} `) as string });
    await first.close();
    expect(await itemsIn(await open({ dataDir }))).toEqual([3, 10]);
  });
});

describe('a bad migration', () => {
  it('is refused with file, line, SQLSTATE and statement, and leaves the directory as it was, even on reset', async () => {
    const path = project.migration('0003_bad.sql', `-- سطر أول\nalter table items add column title text default '🎉';\n\ncreate view broken as\n  select '🎉' as icon,\n    missing_column from items;\n`);
    const failing = open({ dataDir });
    expect(await refusal(failing)).toMatchObject({
      code: 'migration/failed',
      message: `${path}:6: column "missing_column" does not exist (SQLSTATE 42703); in: create view broken as select '🎉' as icon, missing_column from items`,
    });
    expect(await refusal(open({ dataDir, reset: true }))).toMatchObject({ code: 'migration/failed' });
    project.migration('0003_bad.sql', 'select 1;');
    const database = await open({ dataDir });
    expect(await database.query(`select column_name from information_schema.columns where table_name = 'items' order by 1`)).toEqual([{ column_name: 'id' }, { column_name: 'name' }]);
    await database.close();
  });

  it('is refused in a new database too, on the line of its statement where Postgres gives no position', async () => {
    const path = project.migration('0003_bad.sql', 'select 1;\n\n  insert into items values (1), (1);');
    expect(await refusal(open({}))).toMatchObject({
      code: 'migration/failed',
      message: `${path}:3: duplicate key value violates unique constraint "items_pkey" (SQLSTATE 23505); Key (id)=(1) already exists.; in: insert into items values (1), (1)`,
    });
  });

  it('is one that has the version of another', async () => {
    project.migration('0003_bad.sql', 'select 1;');
    project.migration('0003_again.sql', 'select 1;');
    expect(await refusal(open({ dataDir }))).toMatchObject({ code: 'migration/failed', message: expect.stringMatching(/0003_again\.sql and .*0003_bad\.sql have the same version 0003/) as string });
  });

  it('is a folder that is not there', async () => {
    expect(await refusal(open({ migrations: join(root, 'nowhere') }))).toMatchObject({ code: 'migration/unreadable', message: `cannot read ${join(root, 'nowhere')}: there is no such file or folder` });
  });
});

describe('a bad seed', () => {
  it('is refused with file and line, or when it is not there', async () => {
    const migrations = join(root, 'empty');
    devProject(migrations);
    project.writeSeed('select 1;\nselect 1/0;');
    expect(await refusal(open({ migrations, seed: project.seed }))).toMatchObject({ code: 'seed/failed', message: `${project.seed}:2: division by zero (SQLSTATE 22012); in: select 1/0` });
    expect(await refusal(open({ seed: join(root, 'none.sql') }))).toMatchObject({ code: 'seed/unreadable' });
  });

  it('is refused on copy from stdin, which would wait for ever', async () => {
    project.writeSeed('-- rows\nCOPY public.items (id) FROM stdin;\n1\n\\.\n');
    expect(await refusal(open({ migrations: null, seed: project.seed }))).toMatchObject({ code: 'seed/failed', message: expect.stringMatching(/seed\.sql:2: copy … from stdin .*insert/) as string });
  });
});

describe('a data directory that cannot be used', () => {
  const options = { migrations: null, seed: null };
  const copyOf = (name: string) => {
    const copy = join(root, name);
    cpSync(dataDir, copy, { recursive: true });
    return copy;
  };

  it('says what to do when Postgres does not start from it', async () => {
    const broken = copyOf('broken');
    truncateSync(join(broken, 'postgres', 'global', 'pg_control'), 0);
    expect(await refusal(open({ ...options, dataDir: broken }))).toEqual({
      code: 'data-dir/unreadable',
      message: `cannot use the data directory ${broken}: Postgres does not start from it, so its files are damaged or not its own; start with --reset to create it anew (its rows are lost)`,
    });
    const anew = await open({ ...options, dataDir: broken, reset: true });
    expect(await anew.query('select 1 as one')).toEqual([{ one: 1 }]);
    await anew.close();
  });

  it('says what to do when another version made it', async () => {
    const old = copyOf('old');
    writeFileSync(join(old, 'postgres', 'ruwad-baseline'), 'another');
    expect(await refusal(open({ ...options, dataDir: old }))).toMatchObject({ code: 'data-dir/outdated', message: expect.stringContaining('--reset') as string });
    expect(existsSync(join(old, 'lock.json'))).toBe(false);
  });

  it('is a file', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    expect(await refusal(open({ ...options, dataDir: file }))).toMatchObject({ code: 'data-dir/unreadable' });
  });
});
