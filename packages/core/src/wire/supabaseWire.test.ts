import { createClient } from '@supabase/supabase-js';
import WebSocket from 'ws';
import { expect, test } from 'vitest';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { silentLogger } from '../lib/logger.ts';
import { createSupabaseWire } from './supabaseWire.ts';

function setup() {
  const clock = createFakeClock();
  const gives: ((token: string) => void)[] = [];
  const supabase = createClient('http://127.0.0.1:1', 'anon-key', {
    accessToken: () => new Promise<string>((resolve) => gives.push(resolve)),
    realtime: { transport: WebSocket as never }, // its constructor takes more than supabase-js asks of one
  });
  return { clock, supabase, gives, wire: createSupabaseWire(supabase, { clock, logger: silentLogger, signedIn: true }) };
}

test('C4: of several channels that ask at once none goes on before the token is set', async () => {
  const { clock, supabase, gives, wire } = setup();
  const tokens: unknown[] = [];
  const asked = [1, 2, 3].map(async () => {
    await wire.authorize();
    tokens.push(supabase.realtime.accessTokenValue);
  });
  // The app's session hands tokens out one after the other; the first was asked for by the client itself.
  for (let n = 1; n < gives.length; n += 1) {
    gives[n]?.('fresh');
    await settle();
  }
  await Promise.all(asked);
  expect([tokens, clock.pending]).toEqual([['fresh', 'fresh', 'fresh'], 0]);
});

test('C4: the token is asked for anew by whoever comes later, also after nobody gave one in time', async () => {
  const { clock, supabase, gives, wire } = setup();
  const late = expect(wire.authorize()).rejects.toMatchObject({ code: 'auth/token-unavailable' });
  await clock.advance(5_000);
  await late;
  const before = gives.length;
  const asked = wire.authorize();
  expect(gives.length).toBe(before + 1);
  gives[before]?.('fresh');
  await asked;
  expect(supabase.realtime.accessTokenValue).toBe('fresh');
});
