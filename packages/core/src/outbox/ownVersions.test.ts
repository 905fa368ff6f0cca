import { expect, test } from 'vitest';
import { createOwnVersions } from './ownVersions.ts';

const [a, b] = [{ id: 'a' }, { id: 'b' }];

test("one's own writes lead from a version to the newest, row by row", () => {
  const own = createOwnVersions();
  own.note(a, 1, 2);
  own.note(a, 2, 3);
  own.note(a, 4, 5); // what lies between 3 and 4 is somebody else's
  expect([own.latest(a, 1), own.latest(a, 2), own.latest(a, 3), own.latest(a, 4), own.latest(b, 1)]).toEqual([3, 3, 3, 5, 1]);
});

test('versions that return or stay make no circle, and none at all is one', () => {
  const own = createOwnVersions();
  own.note(a, 'x', 'y');
  own.note(a, 'y', 'x');
  own.note(a, 'x', 'x');
  own.note(b, null, 'x');
  expect([own.latest(a, 'x'), own.latest(a, 'y'), own.latest(b, undefined)]).toEqual(['x', 'x', 'x']);
});

test('the oldest is forgotten', () => {
  const own = createOwnVersions();
  for (let version = 0; version <= 1_000; version += 1) own.note({ id: version }, 1, 2);
  expect([own.latest({ id: 0 }, 1), own.latest({ id: 1 }, 1), own.latest({ id: 1_000 }, 1)]).toEqual([1, 2, 2]);
});
