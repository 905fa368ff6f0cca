import { createClient } from '@supabase/supabase-js';
import WebSocket from 'ws';
import { expect, test } from 'vitest';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { silentLogger } from '../lib/logger.ts';
import { createSupabaseWire } from './supabaseWire.ts';

/** A token that expires at this time, in ms. */
const tokenUntil = (expiresAt: number, name: string): string => `h.${btoa(JSON.stringify({ exp: expiresAt / 1_000, name }))}.s`;

function setup() {
  const clock = createFakeClock();
  const gives: ((token: string) => void)[] = [];
  const supabase = createClient('http://127.0.0.1:1', 'anon-key', {
    accessToken: () => new Promise<string>((resolve) => gives.push(resolve)),
    realtime: { transport: WebSocket as never }, // its constructor takes more than supabase-js asks of one
  });
  return { clock, supabase, gives, wire: createSupabaseWire(supabase.realtime, { clock, logger: silentLogger, signedIn: true }) };
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

test('C4: an expired token is not used for a join; a fresh one is', async () => {
  const { clock, supabase, gives, wire } = setup();
  const give = async (token: string): Promise<void> => {
    const asked = wire.authorize();
    gives.at(-1)?.(token);
    await asked;
  };
  const old = tokenUntil(clock.now() + 60_000, 'old');
  await give(old);
  await clock.advance(60_000);
  for (let attempt = 1; attempt <= 3; attempt += 1) await expect(give(old)).rejects.toMatchObject({ code: 'auth/token-expired', retryable: true });
  const fresh = tokenUntil(clock.now() + 60_000, 'fresh');
  await give(fresh);
  expect(supabase.realtime.accessTokenValue).toBe(fresh);
  await clock.advance(60_000);
  await expect(give(fresh)).rejects.toMatchObject({ code: 'auth/token-expired' });
});

test('a clock that is ahead keeps nobody out: of two tokens that look expired the newer one is used', async () => {
  const { clock, gives, wire } = setup();
  const give = async (token: string): Promise<void> => {
    const asked = wire.authorize();
    gives.at(-1)?.(token);
    await asked;
  };
  await expect(give(tokenUntil(clock.now() - 5_000, 'first'))).rejects.toMatchObject({ code: 'auth/token-expired' });
  await give(tokenUntil(clock.now() - 4_000, 'second'));
});
