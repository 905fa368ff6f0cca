import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPage } from '../src/page.ts';
import { createVirtualTime, type VirtualTime } from '../src/virtualTime.ts';

let time: VirtualTime;
let began: number;
const now = (): number => Date.now() - began;
beforeEach(() => {
  time = createVirtualTime();
  began = Date.now();
});
afterEach(() => time.end());

/** Something that takes turns of the event loop, and no time. */
const io = async (): Promise<void> => {
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => void setImmediate(resolve));
};

test('timers fall due in order, each at its time, and what they begin is done before the next', async () => {
  const heard: (readonly [string, number])[] = [];
  const note = (what: string) => () => {
    heard.push([what, now()]);
    void io().then(() => heard.push([`after ${what}`, now()]));
  };
  setTimeout(note('late'), 90_000);
  setTimeout(note('early'), 10);
  expect(await time.pass(60_000)).toBe(false);
  expect(heard).toEqual([['early', 10], ['after early', 10]]);
  await time.pass(60_000);
  expect([heard.slice(2), now()]).toEqual([[['late', 90_000], ['after late', 90_000]], 120_000]);
});

test('time goes on in small steps while something is under way, and stops where the condition holds', async () => {
  const arrived = time.begin();
  setTimeout(arrived, 250);
  const seen: number[] = [];
  expect(await time.pass(60_000, () => seen.push(now()) > 0 && now() >= 250)).toBe(true);
  expect(seen).toEqual([0, 100, 200, 250]);
});

test('a promise is waited for as long as it takes, and its failure is handed on', async () => {
  await time.through(new Promise<void>((resolve) => setTimeout(resolve, 5_000)));
  expect(now()).toBe(5_000);
  await expect(time.through(Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('a page that is hidden runs the timers of its app once a minute, and when it is shown those that are due', async () => {
  const page = openPage();
  const heard: string[] = [];
  document.addEventListener('visibilitychange', () => heard.push(document.visibilityState));
  const untilFullMinute = 60_000 - (Date.now() % 60_000);
  page.clock.setTimeout(() => heard.push('first'), 1);
  page.hide();
  await time.pass(untilFullMinute - 1);
  expect(heard).toEqual(['hidden']);
  await time.pass(1);
  expect(heard).toEqual(['hidden', 'first']);
  page.clock.setTimeout(() => heard.push('second'), 1_000);
  await time.pass(2_000);
  page.show();
  await time.pass(0);
  expect(heard).toEqual(['hidden', 'first', 'visible', 'second']);
});
