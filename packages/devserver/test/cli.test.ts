import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, watch } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { tryLock } from '../src/database/fileLock.ts';
import { runTypeScript } from './support/childProcess.ts';
import { devProject } from './support/devProject.ts';
import { temporaryFolder } from './support/temporaryFolder.ts';

// Each test starts a process, which compiles and opens a database beside whatever else the machine does.
vi.setConfig({ testTimeout: 120_000 });

const root = temporaryFolder();
const project = devProject(join(root, 'supabase'));
project.migration('0001_items.sql', 'create table items (id int primary key);');
project.writeSeed(`insert into auth.users (id, email) values (gen_random_uuid(), 'mona@example.test');`);
const options = ['--port', '0', '--migrations', project.migrations, '--seed', project.seed];
const cli = (...args: string[]) => runTypeScript('src/cli.ts', args);

describe('ruwad-devserver', () => {
  it('shows its options and its version', async () => {
    const [help, version] = await Promise.all([cli('--help').ended, cli('--version').ended]);
    expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^Usage: ruwad-devserver[^]*--data-dir[^]*--reset/) as string });
    expect(version).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string });
  });

  it('ends with 2 and one line on wrong options', async () => {
    expect(await cli('--port', 'http').ended).toEqual({ code: 2, stdout: '', stderr: 'ruwad-devserver: --port takes a number from 0 to 65535, not "http"' });
  });

  it.each<[string, NodeJS.Signals[]]>([
    ['SIGTERM', ['SIGTERM']],
    ['Ctrl-C under a parent that ends its children too', ['SIGINT', 'SIGTERM']],
  ])('says what it serves, and closes everything on %s', async (_what, signals) => {
    const server = cli(...options, '--in-memory');
    const url = (await server.line(/^ {2}url /)).trim().split(/\s+/)[1] ?? '';
    await server.line(/^ {2}accounts +mona@example\.test$/);
    const anonKey = (await server.line(/^ {2}anon key /)).trim().split(/\s+/)[2] ?? '';
    const response = await fetch(`${url}/rest/v1/items?select=id&apikey=${anonKey}`, { headers: { apikey: anonKey } });
    expect([response.status, await response.json()]).toEqual([200, []]);
    for (const signal of signals) server.kill(signal);
    const { code, stdout, stderr } = await server.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // Keys are in the banner, once each, and in no line of the log.
    expect(stdout).toMatch(/GET \/rest\/v1\/items 200 \d+ ms/);
    expect(stdout.split(anonKey)).toHaveLength(2);
  });

  it('ends at once on SIGTERM while it prepares a database, and leaves no lock', async () => {
    const dataDir = join(root, 'interrupted');
    mkdirSync(dataDir);
    const watcher = watch(dataDir);
    const server = cli(...options, '--data-dir', dataDir);
    while (!existsSync(join(dataDir, 'lock.json'))) await once(watcher, 'change');
    watcher.close();
    server.kill('SIGTERM');
    const { code, stdout, stderr } = await server.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain('The dev server is running');
    expect(readdirSync(dataDir)).not.toContain('lock.json');
  });

  it('ends with 1 and one line when another process has the data directory', async () => {
    const dataDir = join(root, 'data');
    mkdirSync(dataDir);
    expect((await tryLock(join(dataDir, 'lock.json'))).held).toBe(true);
    const { code, stderr } = await cli(...options, '--data-dir', dataDir).ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(new RegExp(`^ruwad-devserver: the data directory .* is in use by process ${process.pid} since .*$`)) as string });
  });

  it('ends with 1 and one line when the port is taken, before it prepares a database', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void squatter.close());
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const dataDir = join(root, 'not-prepared');
    const { code, stderr } = await cli(...options, '--data-dir', dataDir, '--port', String(port)).ended;
    expect(existsSync(dataDir)).toBe(false);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `ruwad-devserver: port ${port} on 127.0.0.1 is taken; stop the program that has it, or choose another with --port (0 takes any free one)`,
    });
  });

  it('ends with 1 and one line that names file and line of a bad migration', async () => {
    const path = project.migration('0002_bad.sql', 'select 1;\nalter table itemz add column x int;');
    const { code, stderr } = await cli(...options, '--in-memory').ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: `ruwad-devserver: ${path}:2: relation "itemz" does not exist (SQLSTATE 42P01); in: alter table itemz add column x int` });
  });
});
