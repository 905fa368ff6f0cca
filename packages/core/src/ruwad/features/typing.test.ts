import { expect, test } from 'vitest';
import { createFakeClock } from '../../../test/support/fakeClock.ts';
import { createTypingSign, createTypists } from './typing.ts';

test('B1: a typist who vanishes stops by themselves after 3 s; signs keep them typing', async () => {
  const clock = createFakeClock();
  const lists: string[][] = [];
  const typists = createTypists(clock, () => lists.push(typists.list().map(({ name }) => name)));
  const sign = { user_id: 'u', user_name: 'U', is_typing: true };
  typists.hear(sign);
  await clock.advance(2_900);
  typists.hear(sign);
  await clock.advance(2_900);
  expect(lists).toEqual([['U']]);
  await clock.advance(100);
  expect([lists, clock.pending]).toEqual([[['U'], []], 0]);
  typists.hear(sign);
  typists.hear({ ...sign, is_typing: false });
  expect([typists.list(), clock.pending]).toEqual([[], 0]);
});

test('B1: keystrokes become one sign a second and an end after 2 s of quiet', async () => {
  const clock = createFakeClock();
  const sent: boolean[] = [];
  const sign = createTypingSign(clock, (isTyping) => sent.push(isTyping));
  for (let n = 0; n < 30; n += 1) {
    sign.set(true);
    await clock.advance(100);
  }
  expect(sent).toEqual([true, true, true]);
  await clock.advance(2_000);
  expect([sent, clock.pending]).toEqual([[true, true, true, false], 0]);
  sign.set(false);
  expect(sent.length).toBe(4);
});
