import { createClient } from '@supabase/supabase-js';
import ws from 'ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDevServer, type DevServer } from '../src/startDevServer.ts';
import { supabaseFile } from './schemaDatabase.ts';

let server: DevServer;
beforeAll(async () => {
  server = await startDevServer({ port: 0, dataDir: null, migrations: supabaseFile('migrations'), seed: supabaseFile('seed.sql') });
});
afterAll(() => server.close());

const newClient = () =>
  createClient(server.url, server.anonKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    // supabase-js needs a WebSocket on Node 20, although nothing here opens one.
    realtime: { transport: ws as never },
  });

it('lets a browser read which kind of error it got, or supabase-js would lose its code', async () => {
  const response = await fetch(`${server.url}/auth/v1/user`, {
    headers: { apikey: server.anonKey, origin: 'http://localhost:5173', 'x-supabase-api-version': '2024-01-01' },
  });
  expect(await response.json()).toMatchObject({ code: 'no_authorization' });
  expect(response.headers.get('x-supabase-api-version')).toBe('2024-01-01');
  expect(response.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('x-supabase-api-version');
});

it('lets a person sign up, be himself to row level security, and sign out', async () => {
  const [huda, omar] = [newClient(), newClient()];
  const { data } = await huda.auth.signUp({ email: 'huda@ruwad.example', password: 'correct horse', options: { data: { name: 'Huda' } } });
  await omar.auth.signInWithPassword({ email: 'omar@ruwad.example', password: 'ruwad-demo' });
  const id = data.user?.id ?? '';
  const rename = (client: ReturnType<typeof newClient>, name: string) => client.from('profiles').update({ name }).eq('id', id).select('name');
  expect((await rename(omar, 'Mine now')).data).toEqual([]);
  expect((await rename(huda, 'Huda H.')).data).toEqual([{ name: 'Huda H.' }]);
  expect((await huda.auth.signOut()).error).toBeNull();
  expect((await huda.auth.getSession()).data.session).toBeNull();
});

it('gives tokens that the other APIs take: what one reads is what row level security shows', async () => {
  const client = newClient();
  await client.auth.signInWithPassword({ email: 'omar@ruwad.example', password: 'ruwad-demo' });
  const { data } = await client.from('challenge_notifications').select('id, recipient_id');
  expect(data).toHaveLength(2);
  expect((await client.rpc('track_event', { p_event_type: 'page_view' })).error).toBeNull();
  expect((await client.rpc('send_challenge_notification', {})).error).not.toBeNull();
  expect((await client.from('admin_dashboard_metrics_view').select()).data).toEqual([]);
});
