import { expect, it } from 'vitest';
import { Random } from './random.ts';

const draws = (random: Random, count = 1_000) => Array.from({ length: count }, () => random.next());

it('gives the same numbers for the same seed, and others for another', () => {
  expect(draws(new Random(42))).toEqual(draws(new Random(42)));
  expect(draws(new Random(42))).not.toEqual(draws(new Random(43)));
});

it('is uniform on [0, 1) as far as ten bins can tell', () => {
  const bins = Array.from({ length: 10 }, () => 0);
  for (const draw of draws(new Random(1), 100_000)) bins[Math.floor(draw * 10)] = (bins[Math.floor(draw * 10)] ?? NaN) + 1;
  // Expected 10,000 each, with a standard deviation of 95.
  for (const count of bins) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

it('draws whole numbers from both ends of a range', () => {
  const random = new Random(7);
  expect([...new Set(Array.from({ length: 200 }, () => random.between(3, 6)))].sort()).toEqual([3, 4, 5, 6]);
});

it('forks sources that differ, which others cannot disturb', () => {
  const [undisturbed, disturbed] = [new Random(9), new Random(9)];
  const fork = disturbed.fork(2);
  draws(disturbed);
  expect(draws(fork)).toEqual(draws(undisturbed.fork(2)));
  expect(draws(undisturbed.fork(2))).not.toEqual(draws(undisturbed.fork(3)));
});
