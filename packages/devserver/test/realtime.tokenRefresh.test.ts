import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Database } from '../src/database/database.ts';
import { openDatabase } from '../src/database/openDatabase.ts';
import { createGateway } from '../src/gateway.ts';
import { listenHttp } from '../src/http.ts';
import { createTime } from '../src/lib/time.ts';
import { silentLogger } from '../src/logger.ts';
import { LIMITS } from '../src/realtime/limits.ts';
import { createRealtime } from '../src/realtime/index.ts';
import { createManualClock } from '../src/testing/manualClock.ts';
import { createTokens } from '../src/tokens/index.ts';

const running: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

/** A database whose checks of subscriptions wait for `open`; `asked` counts them. */
function gated(db: Database): { db: Database; open: () => void; asked: () => number } {
  let asked = 0;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const query: Database['query'] = async (sql, params) => {
    if (sql.includes('match_binding')) {
      asked += 1;
      await opened;
    }
    return db.query(sql, params);
  };
  return { db: { ...db, query }, open, asked: () => asked };
}

it('a token that comes while the subscription is still being made gives one subscription, and each change once', async () => {
  const database = await openDatabase({ dataDir: null });
  running.push(() => database.close());
  await database.exec('create table notes (id int primary key); alter publication supabase_realtime add table notes');
  const gate = gated(database);
  const clock = createManualClock();
  const tokens = createTokens();
  const realtime = createRealtime({ db: gate.db, tokens, logger: silentLogger, time: createTime({ clock }) });
  running.push(() => realtime.close());
  await realtime.start();
  const app = createGateway({ db: database, logger: silentLogger, version: 'test', project: { anonKey: '', database: '' }, apis: {} });
  const http = await listenHttp({ port: 0, host: '127.0.0.1' });
  http.serve({ app, handleUpgrade: (...upgrade) => realtime.handleUpgrade(...upgrade) });
  running.push(() => http.close());

  const socket = new WebSocket(`ws://127.0.0.1:${http.port}/socket/websocket?vsn=2.0.0&apikey=${await tokens.sign({ role: 'anon' })}`);
  const frames: [unknown, unknown, string, string, Record<string, unknown>][] = [];
  // True by the protocol: version 2 frames are such arrays.
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as (typeof frames)[number]));
  const count = (event: string): number => frames.filter((frame) => frame[3] === event).length;
  const received = async (event: string, times: number): Promise<void> => {
    while (count(event) < times) await once(socket, 'message');
  };
  await once(socket, 'open');

  socket.send(JSON.stringify(['1', '1', 'realtime:t', 'phx_join', { config: { postgres_changes: [{ event: '*', schema: 'public', table: 'notes' }] } }]));
  await received('phx_reply', 1);
  const timers = clock.waiting;
  socket.send(JSON.stringify(['1', null, 'realtime:t', 'access_token', { access_token: await tokens.sign({ role: 'authenticated', sub: 'x' }) }]));
  for (let heartbeats = 1; clock.waiting === timers; heartbeats += 1) {
    socket.send(JSON.stringify([null, '2', 'phoenix', 'heartbeat', {}]));
    await received('phx_reply', 1 + heartbeats);
  }
  clock.advance(LIMITS.resubscribeMs);
  expect(gate.asked()).toBe(1);
  gate.open();
  await received('system', 2);
  await database.exec('insert into notes values (1); insert into notes values (2)');
  await received('postgres_changes', 2);
  const replies = count('phx_reply');
  socket.send(JSON.stringify([null, '3', 'phoenix', 'heartbeat', {}]));
  await received('phx_reply', replies + 1);
  expect(count('postgres_changes')).toBe(2);
  socket.terminate();
});
