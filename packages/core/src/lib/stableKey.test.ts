import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stableKey } from './stableKey.ts';

test('the key does not depend on the order of members', () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
    expect(stableKey(Object.fromEntries(Object.entries(value).reverse()))).toBe(stableKey(value));
  }));
});

test('different contents have different keys', () => {
  const keys = [undefined, null, {}, [], '', 0, { a: 1 }, { a: '1' }, { b: 1 }, [1]].map(stableKey);
  expect(new Set(keys).size).toBe(keys.length);
});
