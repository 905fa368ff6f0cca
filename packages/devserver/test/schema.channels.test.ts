import { createClient, REALTIME_SUBSCRIBE_STATES, type RealtimeChannel, type SupabaseClient } from '@supabase/supabase-js';
import ws from 'ws';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startDevServer, type DevServer } from '../src/startDevServer.ts';
import { people, supabaseFile } from './schemaDatabase.ts';

let server: DevServer;
const clients: SupabaseClient[] = [];
beforeAll(async () => {
  // The scale shortens the five seconds that the server holds a refused join back, but leaves a silent socket ten.
  server = await startDevServer({ port: 0, dataDir: null, timeScale: 0.15, migrations: supabaseFile('migrations'), seed: supabaseFile('seed.sql') });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.removeAllChannels()));
});
afterAll(() => server.close());

async function signedIn(account: string): Promise<SupabaseClient> {
  const client = createClient(server.url, server.anonKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    // The types of `ws` and of browsers differ in details that supabase-js does not use.
    realtime: { transport: ws as never },
  });
  clients.push(client);
  const { error } = await client.auth.signInWithPassword({ email: `${account}@ruwad.example`, password: 'ruwad-demo' });
  if (error) throw error;
  await client.realtime.setAuth();
  return client;
}

const statusOf = (channel: RealtimeChannel) =>
  new Promise<string>((resolve) => {
    channel.subscribe((status, error) => resolve(error ? `${status}: ${error.message}` : status));
  });
const joined = REALTIME_SUBSCRIBE_STATES.SUBSCRIBED;

it('X1: administrators hear on dashboard-updates that numbers changed, others may not join', async () => {
  const admin = await signedIn('admin');
  const sara = await signedIn('sara');
  const dashboard = admin.channel('dashboard-updates', { config: { private: true } });
  const heard = new Promise((resolve) => void dashboard.on('broadcast', { event: 'metrics_changed' }, ({ payload }) => resolve(payload)));
  expect(await statusOf(dashboard)).toBe(joined);
  expect(await statusOf(sara.channel('dashboard-updates', { config: { private: true } }))).toMatch(/^CHANNEL_ERROR.*Unauthorized/s);

  await sara.from('profiles').update({ bio: 'مهندسة برمجيات' }).eq('id', people.sara);
  expect(await heard).toMatchObject({ source: 'profiles' });
});

it.each(['global-presence', 'opportunity-presence-f0000000-0000-4000-8000-000000000001', 'challenge_discussions:c0000000-0000-4000-8000-000000000001'])(
  'X1: whoever is signed in joins %s and is heard there; the anon key is not enough',
  async (topic) => {
    const [sara, omar] = await Promise.all([signedIn('sara'), signedIn('omar')]);
    const stranger = createClient(server.url, server.anonKey, { realtime: { transport: ws as never } });
    clients.push(stranger);
    const [speaks, listens] = [sara, omar].map((client) => client.channel(topic, { config: { private: true, broadcast: { ack: true } } }));
    if (!speaks || !listens) throw new Error('two clients make two channels');
    const heard = new Promise((resolve) => void listens.on('broadcast', { event: 'typing' }, ({ payload }) => resolve(payload)));
    expect(await Promise.all([statusOf(speaks), statusOf(listens)])).toEqual([joined, joined]);
    expect(await speaks.send({ type: 'broadcast', event: 'typing', payload: { is_typing: true } })).toBe('ok');
    expect(await heard).toMatchObject({ is_typing: true });
    expect(await statusOf(stranger.channel(topic, { config: { private: true } }))).toMatch(/^CHANNEL_ERROR.*Unauthorized/s);
  },
);

interface Seen {
  kind: string;
  id: unknown;
}

/** Follows notifications, filtered or not: `ready` once changes flow, then `next` change by change. */
function follow(client: SupabaseClient, filter?: string): { ready: Promise<void>; next: () => Promise<Seen> } {
  const channel = client.channel('challenge-notifications');
  const arrived: Seen[] = [];
  const waiting: ((change: Seen) => void)[] = [];
  const binding = { event: '*', schema: 'public', table: 'challenge_notifications', ...(filter && { filter }) } as const;
  channel.on<{ id: string }>('postgres_changes', binding, (change) => {
    const seen = { kind: change.eventType, id: change.eventType === 'DELETE' ? change.old.id : change.new.id };
    const receiver = waiting.shift();
    if (receiver) receiver(seen);
    else arrived.push(seen);
  });
  const ready = new Promise<void>((resolve, reject) => {
    channel.on('system', {}, ({ status, message }: { status: string; message: string }) => (status === 'ok' ? resolve() : reject(new Error(message))));
  });
  channel.subscribe();
  return {
    ready,
    next: () => {
      const seen = arrived.shift();
      return seen ? Promise.resolve(seen) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

it('X1: a notification reaches its recipient alone, who gets its delete through a filter, too', async () => {
  const [admin, sara, omar] = await Promise.all([signedIn('admin'), signedIn('sara'), signedIn('omar')]);
  const send = async (p_recipient_id: string) => {
    const notice = { p_challenge_id: 'c0000000-0000-4000-8000-000000000001', p_recipient_id, p_notification_type: 'deadline_reminder', p_title: 'تذكير', p_message: 'بقي يوم واحد' };
    return String((await admin.rpc('send_challenge_notification', notice).throwOnError()).data);
  };
  const [saras, omars] = [follow(sara, `recipient_id=eq.${people.sara}`), follow(omar)];
  await Promise.all([saras.ready, omars.ready]);

  const forSara = await send(people.sara);
  expect(await saras.next()).toEqual({ kind: 'INSERT', id: forSara });
  await sara.from('challenge_notifications').delete().eq('id', forSara).throwOnError();
  expect(await saras.next()).toEqual({ kind: 'DELETE', id: forSara });

  // Of sara's notification omar, who asked for all, got nothing but the key of its delete: that one goes to everyone.
  expect(await omars.next()).toEqual({ kind: 'DELETE', id: forSara });
  const forOmar = await send(people.omar);
  expect(await omars.next()).toEqual({ kind: 'INSERT', id: forOmar });
});
