import { expect, test } from 'vitest';
import { createWeakMemo } from './weakMemo.ts';

test('the same key gives the same object while somebody refers to it', () => {
  const memo = createWeakMemo<object>();
  let made = 0;
  const create = () => ({ number: (made += 1) });
  const first = memo.get('a', create);
  expect(memo.get('a', create)).toBe(first);
  const other = memo.get('b', create);
  expect(other).not.toBe(first);
  expect([made, memo.values()]).toEqual([2, [first, other]]);
});
