import { createClient } from '@supabase/supabase-js';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import WebSocket from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDevServer, type DevServer } from '../src/index.ts';
import { devProject } from './support/devProject.ts';
import { recordingLogger } from './support/recordingLogger.ts';
import { temporaryFolder } from './support/temporaryFolder.ts';

const project = devProject(join(temporaryFolder(), 'supabase'));
project.migration(
  '0001_items.sql',
  `create table items (id int primary key, title text not null);
   alter table items enable row level security;
   create policy everybody_reads on items for select using (true);
   alter publication supabase_realtime add table items;`,
);
project.writeSeed(`insert into items values (1, 'أولى');`);

const logger = recordingLogger();
const options = { port: 0, dataDir: null, migrations: project.migrations, seed: project.seed, logger };
let server: DevServer;

beforeAll(async () => {
  server = await startDevServer(options);
});

afterAll(() => server.close());

describe('startDevServer', () => {
  it('serves REST, auth and Realtime to an unmodified supabase-js', async () => {
    // Node 20 has no WebSocket of its own.
    const supabase = createClient(server.url, server.anonKey, { realtime: { transport: WebSocket as never }, auth: { persistSession: false } });
    expect(await supabase.from('items').select()).toMatchObject({ error: null, data: [{ id: 1, title: 'أولى' }] });
    expect((await supabase.auth.signInWithPassword({ email: 'nobody@example.test', password: 'x' })).error?.code).toBe('invalid_credentials');

    const changed = new Promise((resolve, reject) => {
      supabase
        .channel('items')
        .on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'items' }, (change) => resolve(change.new))
        .on('system', {}, ({ status }: { status: string }) => {
          if (status === 'ok') server.sql(`insert into items values (2, 'ثانية')`).catch(reject);
          else reject(new Error(`no subscription: ${status}`));
        })
        .subscribe();
    });
    expect(await changed).toEqual({ id: 2, title: 'ثانية' });
    await supabase.removeAllChannels();
  });

  it('gives SQL beyond row level security, and tokens that its own doors take', async () => {
    await server.sql(`insert into items values ($1, $2) on conflict do nothing`, [3, 'ثالثة']);
    const token = await server.signToken({ role: 'authenticated', sub: 'someone' });
    const asUser = await fetch(`${server.url}/rest/v1/items?id=eq.3&select=title`, { headers: { apikey: server.anonKey, authorization: `Bearer ${token}` } });
    expect(await asUser.json()).toEqual([{ title: 'ثالثة' }]);
    const asUserWriting = await fetch(`${server.url}/rest/v1/items?id=eq.3`, { method: 'DELETE', headers: { apikey: server.anonKey, authorization: `Bearer ${token}`, prefer: 'return=representation' } });
    expect(await asUserWriting.json()).toEqual([]);
  });

  it('says that it is running, to programs and to people', async () => {
    expect(await (await fetch(`${server.url}/health`)).json()).toMatchObject({ status: 'ok', database: 'in memory' });
    expect(await (await fetch(server.url)).json()).toMatchObject({ url: server.url, anonKey: server.anonKey, rest: `${server.url}/rest/v1` });
    const page = await fetch(server.url, { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await page.text()).not.toContain(server.serviceRoleKey);
  });

  it('answers a path that nobody serves as the gateway does', async () => {
    const response = await fetch(`${server.url}/storage/v1/object`);
    expect([response.status, await response.json()]).toEqual([404, { message: 'no Route matched with those values' }]);
  });

  it('lets pages of every origin call with every header', async () => {
    const preflight = await fetch(`${server.url}/rest/v1/items`, {
      method: 'OPTIONS',
      headers: { origin: 'http://app.test', 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'apikey,prefer,x-client-info' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/apikey,\s?prefer,\s?x-client-info/);
  });

  it('refuses a WebSocket on another path', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/elsewhere`);
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 404');
  });

  it('logs method, path, status and time of a request, and nothing of its query, headers or body', async () => {
    await fetch(`${server.url}/rest/v1/items?title=eq.secret-value&apikey=secret-key`, { headers: { authorization: 'Bearer secret-token' } });
    const mine = logger.lines.filter((line) => line.includes('/rest/v1/items'));
    expect(mine.at(-1)).toMatch(/^info GET \/rest\/v1\/items 401 \d+ ms$/);
    expect(logger.lines.join('\n')).not.toContain('secret');
  });

  it('refuses a taken port with advice, and closes what it had opened', async () => {
    await expect(startDevServer({ ...options, port: server.port })).rejects.toMatchObject({
      code: 'port/taken',
      message: expect.stringMatching(new RegExp(`^port ${server.port} on 127.0.0.1 is taken; .*--port`)) as string,
    });
  });

  it('refuses an address that is not its own', async () => {
    await expect(startDevServer({ ...options, host: '192.0.2.1' })).rejects.toMatchObject({ code: 'port/unavailable' });
  });
});

describe('close', () => {
  it('lets a running request finish, ends sockets with 1012 and is safe to call twice', async () => {
    const closing = await startDevServer(options);
    const socket = new WebSocket(`${closing.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${closing.anonKey}&vsn=1.0.0`);
    await once(socket, 'open');
    const ended = once(socket, 'close');
    const slow = request(`${closing.url}/rest/v1/items`, {
      method: 'POST',
      headers: { apikey: closing.serviceRoleKey, authorization: `Bearer ${closing.serviceRoleKey}`, 'content-type': 'application/json', expect: '100-continue' },
    });
    const answered = once(slow, 'response');
    // The server has the headers and waits for the body.
    slow.flushHeaders();
    await once(slow, 'continue');
    const closed = Promise.all([closing.close(), closing.close()]);
    slow.end('{"id": 9, "title": "آخر"}');
    await closed;
    expect((await ended)[0]).toBe(1012);
    const [response] = (await answered) as [{ statusCode: number }];
    expect(response.statusCode).toBe(201);
    await expect(fetch(`${closing.url}/health`)).rejects.toThrow('fetch failed');
    await closing.close();
  });
});
