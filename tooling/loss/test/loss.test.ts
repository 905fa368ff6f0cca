import { expect, test } from 'vitest';
import type { Fault } from '../src/faults.ts';
import { randomHistory } from '../src/history.ts';
import { playRun } from '../src/playRun.ts';
import { byId, differenceOf, wrongRows } from '../src/rows.ts';
import { createPoll, fetchOnMount } from '../src/subjects/plain.ts';

/** As `replication`, and short: every pattern on plain supabase-js loses rows then, on the real server too. */
const cut: Fault = {
  name: 'cut',
  title: 'replication cut until the end',
  async play({ faults, at }) {
    await at(1_000);
    await faults.cutReplication();
  },
};

test('a fetch on mount loses what a cut replication swallows, and a full fetch every second does not', async () => {
  const { outcomes: [mounted, polled] } = await playRun({ fault: cut, seed: 7, subjects: [fetchOnMount, createPoll(1_000)], writeMs: 2_500, patienceMs: 4_000 });
  expect(mounted).toMatchObject({ subject: 'fetch-on-mount', convergedMs: null, traffic: { requests: 0 } });
  expect(wrongRows(mounted?.difference ?? { missing: 0, ghosts: 0, stale: 0 })).toBeGreaterThan(0);
  expect(polled).toMatchObject({ subject: 'poll', difference: { missing: 0, ghosts: 0, stale: 0 } });
  expect(polled?.traffic.requests).toBeGreaterThan(0);
});

test('rows are missing, ghosts or stale', () => {
  const row = (id: string, amount = 0) => ({ id, owner: 'u1', title: 't', amount });
  const table = byId([row('a'), row('b'), row('c')]);
  expect(differenceOf(byId([row('b'), row('c', 1), row('d')]), table)).toEqual({ missing: 1, ghosts: 1, stale: 1 });
  expect(wrongRows(differenceOf(table, table))).toBe(0);
});

test('a seed is one history, and another seed another', () => {
  expect(randomHistory(3, 1_000)).toEqual(randomHistory(3, 1_000));
  expect(randomHistory(3, 1_000)).not.toEqual(randomHistory(4, 1_000));
});
