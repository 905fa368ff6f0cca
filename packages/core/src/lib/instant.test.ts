import { expect, test } from 'vitest';
import { compareInstants } from './instant.ts';

test.each([
  ['2024-05-01T00:00:00+00:00', '2024-05-01T00:00:00.000Z', 0],
  ['2024-05-01T00:00:00.5+00:00', '2024-05-01T00:00:00.500000Z', 0],
  ['2024-05-01T00:00:00.123456+00:00', '2024-05-01T00:00:00.123Z', 1],
  ['2024-05-01T00:00:00.123456+00:00', '2024-05-01T00:00:00.123457Z', -1],
  ['2024-05-01T02:00:00+02:00', '2024-05-01T00:00:00Z', 0],
  ['2024-05-01 02:00:00+02', '2024-05-01T00:00Z', 0],
  ['2024-05-01T05:30:00+05:30', '2024-05-01', 0],
  ['2024-05-01T00:00:00', '2024-05-01T00:00:00+02:00', 0],
  ['2024-05-01', '2024-05-01T12:00:00Z', 0],
  ['2024-05-02', '2024-05-01T12:00:00Z', 1],
])('a column of %s beside %s', (column, value, order) => {
  expect(Math.sign(compareInstants(column, value) ?? NaN)).toBe(order);
});

test('what is no time is not compared as one', () => {
  expect([compareInstants('2024', '2024-05-01'), compareInstants('2024-05-01', 'soon'), compareInstants('2024-05-01x', '2024-05-01')]).toEqual([null, null, null]);
});
