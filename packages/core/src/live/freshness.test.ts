import { expect, test } from 'vitest';
import { createFakeClock } from '../../test/support/fakeClock.ts';
import { RealtimeError } from '../errors.ts';
import { createFreshness } from './freshness.ts';

const LIVE = { status: 'live', error: null } as const;
const failure = (retryable: boolean): RealtimeError => new RealtimeError(retryable ? 'live/snapshot-failed' : 'live/snapshot-invalid', 'no');
const clock = createFakeClock();

const begun = () => {
  const freshness = createFreshness(clock);
  freshness.begin();
  return { freshness, compare: () => freshness.reading(true), status: () => freshness.status(LIVE).status };
};

test('R4: rows are live once a comparison that began after the last gap is merged', () => {
  const { freshness, compare, status } = begun();
  expect([status(), freshness.syncedAt]).toEqual(['loading', null]);
  const first = compare();
  freshness.missed();
  first(true);
  expect([status(), freshness.syncedAt]).toEqual(['stale', clock.now()]);
  compare()(true);
  expect(status()).toBe('live');
});

test('R4: a comparison that left fewer rows than are wanted is over when the others are read', () => {
  const { freshness, compare, status } = begun();
  compare()(false);
  expect([status(), freshness.syncedAt]).toEqual(['loading', null]);
  freshness.missed(); // that one, the rows that are read on do not close
  freshness.reading(false)(true);
  expect(status()).toBe('stale');
});

test('rows that were right stay live until three regular comparisons in a row have failed', () => {
  const { freshness, compare, status } = begun();
  compare()(true);
  freshness.failed(failure(true), 2);
  expect(status()).toBe('live');
  freshness.failed(failure(true), 3);
  expect(freshness.status(LIVE)).toMatchObject({ status: 'stale', error: { code: 'live/snapshot-failed' } });
  compare()(true);
  expect(status()).toBe('live');
});

test('a failure is told at once while rows are missing, and when trying again is in vain', () => {
  const { freshness, compare, status } = begun();
  freshness.failed(failure(true), 1);
  expect(status()).toBe('error');
  compare()(true);
  freshness.failed(failure(false), 1);
  expect(freshness.status(LIVE)).toMatchObject({ status: 'error', error: { code: 'live/snapshot-invalid' } });
});

test('what the channel says of itself comes first', () => {
  const { freshness, compare } = begun();
  compare()(true);
  const error = new RealtimeError('channel/forbidden', 'no');
  expect(freshness.status({ status: 'reconnecting', error: null })).toEqual({ status: 'stale', error: null });
  expect(freshness.status({ status: 'failed', error })).toEqual({ status: 'error', error });
  expect(freshness.status({ status: 'closed', error: null })).toEqual({ status: 'idle', error: null });
});
