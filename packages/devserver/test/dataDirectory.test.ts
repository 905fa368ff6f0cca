import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../src/database/openDatabase.ts';
import { runTypeScript } from './support/childProcess.ts';
import { devProject } from './support/devProject.ts';
import { temporaryFolder } from './support/temporaryFolder.ts';

// A second process compiles and opens a database beside whatever else the machine does.
vi.setConfig({ testTimeout: 120_000 });

const root = temporaryFolder();
const { migrations, migration } = devProject(join(root, 'supabase'));
migration('0001_items.sql', 'create table items (id int generated always as identity primary key, body text not null);');
const dataDir = join(root, 'data');

describe('a data directory', () => {
  it('is refused to a second process, and keeps every committed row when its own is killed in the middle of writes', async () => {
    const writer = runTypeScript('test/support/endlessWriter.ts', [dataDir, migrations]);
    await writer.line(/^50$/);
    await expect(openDatabase({ dataDir, migrations })).rejects.toMatchObject({
      code: 'data-dir/locked',
      message: expect.stringContaining(`in use by process ${writer.pid} since `) as string,
    });
    writer.kill('SIGKILL');
    await writer.ended;

    const db = await openDatabase({ dataDir, migrations });
    const committed = (await db.query<{ id: number }>('select id from items where length(body) = 2000')).map(({ id }) => id);
    await db.close();
    expect(writer.stdout.length).toBeGreaterThanOrEqual(50);
    // Every line but a last one that the kill cut off.
    expect(committed).toEqual(expect.arrayContaining(writer.stdout.slice(0, -1).map(Number)));
  });
});
