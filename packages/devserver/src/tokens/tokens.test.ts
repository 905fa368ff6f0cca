import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anonKey, createTokens, DEFAULT_JWT_SECRET, serviceRoleKey } from './tokens.ts';

const NOW_S = 1_795_355_804;
const tokens = createTokens({ now: () => NOW_S * 1000 + 250 });

/** A token made without jose, so that the two sides do not share a mistake. */
function handMade(header: object, payload: string, secret: string = DEFAULT_JWT_SECRET): string {
  const signed = `${encode(JSON.stringify(header))}.${encode(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
const encode = (text: string) => Buffer.from(text).toString('base64url');
const hs256 = (claims: unknown) => handMade({ alg: 'HS256', typ: 'JWT' }, JSON.stringify(claims));

describe('createTokens', () => {
  it('verifies what it signed, with an hour of life by default', async () => {
    const token = await tokens.sign({ sub: 'u1', role: 'authenticated' });
    expect(await tokens.verify(token)).toEqual({
      ok: true,
      token: {
        role: 'authenticated',
        exp: NOW_S + 3600,
        claims: { sub: 'u1', role: 'authenticated', iat: NOW_S, exp: NOW_S + 3600 },
      },
    });
  });

  it('takes the lifetime asked for, and leaves an exp of the caller alone', async () => {
    const short = await tokens.verify(await tokens.sign({ role: 'anon' }, { expiresInS: 5 }));
    const own = await tokens.verify(await tokens.sign({ role: 'anon', exp: NOW_S + 7 }, { expiresInS: 5 }));
    expect([short, own]).toMatchObject([{ token: { exp: NOW_S + 5 } }, { token: { exp: NOW_S + 7 } }]);
  });

  it.each([
    ['no token', undefined, { reason: 'missing' }],
    ['an empty token', '', { reason: 'missing' }],
    ['a word', 'garbage', { reason: 'malformed', parts: 1 }],
    ['a publishable key', 'sb_publishable_abcdef', { reason: 'malformed', parts: 1 }],
    ['three parts that are no JSON', 'a.b.c', { reason: 'malformed', parts: 3 }],
    ['a payload that is no object', hs256([1]), { reason: 'malformed', parts: 3 }],
    ['a payload that is no JSON', handMade({ alg: 'HS256' }, '{'), { reason: 'malformed', parts: 3 }],
    ['another secret', handMade({ alg: 'HS256' }, '{}', 'other'), { reason: 'bad-signature' }],
    ['the algorithm none', handMade({ alg: 'none' }, '{}'), { reason: 'unsupported-algorithm', algorithm: 'none' }],
    ['another algorithm', handMade({ alg: 'HS512' }, '{}'), { reason: 'unsupported-algorithm', algorithm: 'HS512' }],
    ['expiry at this second', hs256({ role: 'anon', exp: NOW_S }), { reason: 'expired', agoS: 0 }],
    ['expiry long ago', hs256({ role: 'anon', exp: 1000 }), { reason: 'expired', agoS: NOW_S - 1000 }],
    ['expiry without role', hs256({ exp: 1000 }), { reason: 'expired', agoS: NOW_S - 1000 }],
    ['no exp', hs256({ role: 'anon' }), { reason: 'missing-claims', missing: ['exp'] }],
    ['no role', hs256({ exp: NOW_S + 9 }), { reason: 'missing-claims', missing: ['role'] }],
    ['an exp of text', hs256({ role: 'anon', exp: '2099' }), { reason: 'missing-claims', missing: ['exp'] }],
    ['neither', hs256({}), { reason: 'missing-claims', missing: ['role', 'exp'] }],
  ])('refuses %s', async (_what, token, failure) => {
    expect(await tokens.verify(token)).toMatchObject({ ok: false, failure });
  });

  it('X3: answers any text without throwing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        expect((await tokens.verify(text)).ok).toBe(false);
      }),
    );
  });

  it('refuses a token with any character of its payload or signature changed', async () => {
    const token = await tokens.sign({ role: 'anon' });
    const from = token.indexOf('.') + 1;
    for (let at = from; at < token.length - 1; at++) {
      if (token[at] === '.') continue;
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect((await tokens.verify(changed)).ok).toBe(false);
    }
  });
});

describe('api keys', () => {
  it('are the ones every local Supabase project prints', async () => {
    expect(await anonKey()).toBe(
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6ImFub24iLCJleHAiOjE5ODM4MTI5OTZ9.CRXP1A7WOeoJeXxjNni43kdQwgnWNReilDMblYTn_I0',
    );
  });

  it('verify under their own secret only', async () => {
    const key = await serviceRoleKey('another secret of at least thirty-two characters');
    const theirs = createTokens({ jwtSecret: 'another secret of at least thirty-two characters', now: () => NOW_S * 1000 });
    expect(await theirs.verify(key)).toMatchObject({ ok: true, token: { role: 'service_role' } });
    expect(await tokens.verify(key)).toMatchObject({ ok: false, failure: { reason: 'bad-signature' } });
  });
});
