import { expect, test } from 'vitest';
import type { Outcome } from '../src/playRun.ts';
import { withBlock } from '../src/pages.ts';
import { delayOf, lineOf, oursIsCheap, oursIsRight, tableOf, type Report } from '../src/report.ts';
import { createPoll } from '../src/subjects/plain.ts';

const poll = createPoll();
const ours = { ...poll, name: 'ruwad', title: 'Ruwād', ours: true };

function outcome(subject: string, wrong: number, httpBytes: number): Outcome {
  return { subject, difference: { missing: wrong, ghosts: 0, stale: 2 * wrong }, convergedMs: wrong === 0 ? 1_250 : null, traffic: { requests: 6, httpBytes, socketBytes: 0 }, trafficMs: 30_000 };
}

function report(wrong: number): Report {
  const runs = [0, wrong].map((of, index) => ({ order: { fault: 'cut', seed: index + 1, subjects: [] }, outcomes: [outcome('ruwad', of, 5_000), outcome('poll', 0, 100_000)], writerLateMs: 800 * index, again: false }));
  return { faults: [{ name: 'cut', title: 'replication cut' }], subjects: [ours, poll], runs };
}

test('the table tells runs with wrong rows, their mean, the time to become right, and what it cost a minute', () => {
  const lines = tableOf(report(3)).split('\n').map((line) => line.split('|').map((cell) => cell.trim()).slice(1, -1));
  expect(lines[0]).toEqual(['', 'Ruwād', 'full fetch every 5 s']);
  expect(lines.slice(2)).toEqual([
    ['replication cut', '1/2 (3 / 0 / 6)', '**0**/2 in 1.3 s'],
    ['requests a minute', '12.0', '12.0'],
    ['kB a minute by HTTP', '10', '200'],
    ['kB a minute by the socket', '0', '0'],
    ['HTTP bytes, of a full fetch every 5 s: all runs', '5.0 %', '100 %'],
    ['HTTP bytes, of a full fetch every 5 s: replication cut', '5.0 %', '100 %'],
  ]);
});

test('ours is right when no row of it is wrong in any run', () => {
  expect([oursIsRight(report(0)), oursIsRight(report(1))]).toEqual([true, false]);
});

test('what ours cost is compared with a full fetch, and a run that is played again counts for nothing but being wrong', () => {
  const costly = (of: Report): Report => ({ ...of, runs: of.runs.map((run) => ({ ...run, outcomes: [outcome('ruwad', 0, 11_000), outcome('poll', 0, 100_000)] })) });
  expect([oursIsCheap(report(0)), oursIsCheap(costly(report(0)))]).toEqual([true, false]);
  const [first, second] = report(3).runs;
  if (first === undefined || second === undefined) throw new Error('there are two');
  const replayed: Report = { ...report(0), runs: [first, { ...second, again: true }, { ...second, outcomes: first.outcomes, writerLateMs: 0 }] };
  expect(tableOf(replayed)).toContain('**0**/2 in 1.3 s');
  expect(oursIsRight(replayed)).toBe(false);
  expect([delayOf(replayed), delayOf(report(0))]).toEqual(['writes came at most 0.00 s late', expect.stringContaining('in 1 of 2 runs later than 0.5 s: the machine was busy')]);
});

test('a line says when the machine was too busy for the run to mean much', () => {
  expect(report(1).runs.map(lineOf)).toEqual(['cut, seed 1: ruwad 0 in 1.3 s · poll 0 in 1.3 s', 'cut, seed 2: ruwad 3 wrong · poll 0 in 1.3 s (the machine was busy: writes came up to 0.8 s late)']);
});

test('a report replaces the one before it and nothing else', () => {
  const page = (of: string) => `before\n\n<!-- pnpm loss --markdown -->\n\n${of}\n\n<!-- /pnpm loss -->\n\nafter\n`;
  expect(withBlock(page('old'), 'new')).toBe(page('new'));
  expect(() => withBlock('no marks', 'new')).toThrow('the README has no');
});
