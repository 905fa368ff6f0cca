import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenExpiry } from './tokenExpiry.ts';

const tokenOf = (claims: unknown): string => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

test('reads the expiry of a JWT, whatever else it says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), fc.string({ unit: 'grapheme' }), (exp, name) => {
      expect(tokenExpiry(tokenOf({ name, exp }))).toBe(exp * 1_000);
    }),
  );
});

test('knows no expiry of anything else, and throws at nothing', () => {
  for (const token of ['', 'sb_publishable_x', 'a.b.c', tokenOf(null), tokenOf({}), tokenOf({ exp: 'soon' })]) expect(tokenExpiry(token)).toBeNull();
  fc.assert(fc.property(fc.string(), (token) => { tokenExpiry(token); }));
});
