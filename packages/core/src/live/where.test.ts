import { expect, test } from 'vitest';
import type { Filter } from '../channel/defineChannel.ts';
import { whereMatches } from './where.ts';

const meets = (operator: Filter['operator'], value: Filter['value'], exact: readonly string[] = []) => (actual: unknown): boolean | null => whereMatches([{ column: 'c', operator, value }], exact)({ c: actual });

test('R4: a condition on a time is met by moments, to the microsecond, however it is written', () => {
  const second = '2024-05-01T00:00:00+00:00';
  expect(meets('gte', '2024-05-01T00:00:00.000Z')(second)).toBe(true);
  expect(meets('lt', '2024-05-01T00:00:00.000Z')(second)).toBe(false);
  expect(meets('eq', '2024-05-01T02:00:00+02:00')(second)).toBe(true);
  expect(meets('in', ['2024-05-01T00:00:00Z'])(second)).toBe(true);
  expect(meets('gt', '2024-05-01T00:00:00.123Z')('2024-05-01T00:00:00.123456+00:00')).toBe(true);
  expect(meets('eq', '2024-05-01T12:00:00Z')('2024-05-01')).toBe(true);
});

test('R4: a condition on a uuid is met whatever its case', () => {
  expect(meets('eq', '3F2504E0-4F89-41D3-9A0C-0305E82C3301')('3f2504e0-4f89-41d3-9a0c-0305e82c3301')).toBe(true);
});

test('R4: a number is equal to a text only if it is written so, and to numbers by value', () => {
  expect(['5', 'abc', '05'].map(meets('eq', 5))).toEqual([true, false, false]);
  expect(['5', 'abc', '05'].map(meets('neq', 5))).toEqual([false, true, true]);
  expect(['5', '5.00', '05', '6'].map(meets('eq', 5, ['c']))).toEqual([true, true, true, false]);
  expect([5, 6, null].map(meets('eq', '5'))).toEqual([true, false, false]);
});

test('a boolean is met by its value or its text, and a null by nothing', () => {
  expect([true, false, null].map(meets('eq', true))).toEqual([true, false, false]);
  expect([true, false, null].map(meets('neq', 'true'))).toEqual([false, true, false]);
});

test('R4: which of two texts is greater only the database can tell, unless a row with the same text is one of the query', () => {
  expect(['Z', 'n', null].map(meets('gt', 'n'))).toEqual([null, false, false]);
  expect(['n', 'm'].map(meets('lte', 'n'))).toEqual([true, null]);
  const matches = whereMatches([{ column: 'c', operator: 'gt', value: 'n' }, { column: 'n', operator: 'lt', value: 3 }]);
  expect(matches({ c: 'Z', n: 2 }, { c: 'Z', n: 1 })).toBe(true);
  expect(matches({ c: 'Y', n: 2 }, { c: 'Z', n: 1 })).toBeNull();
  expect(matches({ c: 'Z', n: 3 }, { c: 'Z', n: 1 })).toBe(false);
});
