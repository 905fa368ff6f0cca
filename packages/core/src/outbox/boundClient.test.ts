import { expect, test } from 'vitest';
import { retryAfterMs } from './boundClient.ts';

test('reads Retry-After as seconds and as a date, and nothing else', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(['120', '0', 'Thu, 01 Jan 2026 00:00:30 GMT', 'Wed, 31 Dec 2025 23:00:00 GMT', 'soon', '', null].map((value) => retryAfterMs(value, now))).toEqual([120_000, 0, 30_000, 0, null, null, null]);
});
