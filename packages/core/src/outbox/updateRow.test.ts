import type { SupabaseClient } from '@supabase/supabase-js';
import { expect, test } from 'vitest';
import { createOwnVersions } from './ownVersions.ts';
import { updateRow, type Conflict, type JsonRow } from './updateRow.ts';

type Answer = { data: JsonRow[] | null; error: { message: string } | null; status: number };

/** A table of one row whose version every update moves on; answers to updates may be lost. */
function setup(row: JsonRow) {
  const conflicts: Conflict[] = [];
  const decisions = new Map<string, JsonRow>();
  const ownVersions = createOwnVersions();
  let [now, lost] = [row, false];
  const from = () => {
    let [changes, expected] = [null as JsonRow | null, undefined as unknown];
    const builder = {
      update: (values: JsonRow) => { changes = values; return builder; },
      match: () => builder,
      eq: (_column: string, value: unknown) => { expected = value; return builder; },
      select: () => builder,
      then(resolve: (answer: Answer) => void) {
        if (changes === null) return resolve({ data: [now], error: null, status: 200 });
        if (now['version'] !== expected) return resolve({ data: [], error: null, status: 200 });
        now = { ...now, ...changes, version: Number(now['version']) + 1 };
        resolve(lost ? { data: null, error: { message: 'fetch failed' }, status: 0 } : { data: [now], error: null, status: 200 });
      },
    };
    return builder;
  };
  const resolve = (conflict: Conflict): JsonRow => {
    conflicts.push(conflict);
    return { text: `${conflict.theirs['text'] as string} + ${conflict.mine['text'] as string}` }; // as this test gives them
  };
  const attempt = (changes: JsonRow, base: JsonRow, idempotencyKey = 'one') =>
    updateRow({ table: 'notes', from: from as unknown as () => ReturnType<SupabaseClient['from']>, version: 'version', resolve, decisions, ownVersions }, { key: { id: 'a' }, changes, base }, { idempotencyKey, signal: new AbortController().signal }); // what of a builder is used
  return { attempt, conflicts, decisions, row: () => now, somebodyElse: (changes: JsonRow) => { now = { ...now, ...changes, version: Number(now['version']) + 1 }; }, setLost: (next: boolean) => { lost = next; } };
}

test('O2: an attempt after one whose answer was lost finds its own decision, and asks nobody', async () => {
  const { attempt, conflicts, decisions, row, setLost } = setup({ id: 'a', text: 'theirs', version: 2 });
  setLost(true);
  expect(await attempt({ text: 'mine' }, { id: 'a', text: 'first', version: 1 })).toMatchObject({ status: 0 });
  setLost(false);
  expect(await attempt({ text: 'mine' }, { id: 'a', text: 'first', version: 1 })).toMatchObject({ error: null, data: { text: 'theirs + mine', version: 3 } });
  expect([conflicts.length, decisions.size, row()]).toEqual([1, 0, { id: 'a', text: 'theirs + mine', version: 3 }]);
});

test('O2: a decision is remembered for its own action alone, and forgotten when it was confirmed', async () => {
  const { attempt, conflicts, decisions, row } = setup({ id: 'a', text: 'theirs', version: 2 });
  await attempt({ text: 'mine' }, { id: 'a', text: 'first', version: 1 });
  expect(decisions.size).toBe(0);
  await attempt({ text: 'more' }, { id: 'a', text: 'first', version: 1 }, 'two');
  expect([conflicts.length, row()['text']]).toEqual([2, 'theirs + mine + more']);
});

/** What a first edit leaves when it was sent, answered or not, before a second one was made from the same version. */
const FIRST = { id: 'a', text: 'first', pinned: false, version: 1 };
const bases = [
  { what: 'the row as it was shown, with the first edit', base: { ...FIRST, text: 'one' } },
  { what: 'the row as it was before the first edit', base: FIRST },
];

for (const lost of [false, true]) {
  test.each(bases)(`O2: one's own earlier edit is no conflict${lost ? ', also when its answer was lost' : ''}: $what`, async ({ base }) => {
    const { attempt, conflicts, row, setLost } = setup(FIRST);
    setLost(lost);
    await attempt({ text: 'one' }, FIRST);
    setLost(false);
    if (lost) await attempt({ text: 'one' }, FIRST);
    await attempt({ text: 'two' }, base, 'two');
    await attempt({ text: 'three' }, { ...base, text: 'two' }, 'three');
    expect([conflicts, row()]).toEqual([[], { ...FIRST, text: 'three', version: 4 }]);
  });

  test.each(bases)(`O2: what somebody else wrote after one's own earlier edit is a conflict${lost ? ', also when the answer to that was lost' : ''}: $what`, async ({ base }) => {
    const { attempt, conflicts, row, somebodyElse, setLost } = setup(FIRST);
    setLost(lost);
    await attempt({ text: 'one' }, FIRST);
    setLost(false);
    if (lost) await attempt({ text: 'one' }, FIRST);
    somebodyElse({ text: 'theirs' });
    await attempt({ text: 'two' }, base, 'two');
    expect([conflicts, row()['text']]).toMatchObject([[{ base, mine: { text: 'two' }, theirs: { text: 'theirs' } }], 'theirs + two']);
  });
}

test('O2: columns that somebody else changed beside those of the update stay, and nobody is asked', async () => {
  const { attempt, conflicts, row, somebodyElse } = setup(FIRST);
  somebodyElse({ pinned: true });
  await attempt({ text: 'mine' }, FIRST);
  expect([conflicts, row()]).toEqual([[], { ...FIRST, text: 'mine', pinned: true, version: 3 }]);
});

test('O2: a change of a column that the base does not show may be somebody else\'s, and is asked about', async () => {
  const { attempt, conflicts, somebodyElse } = setup(FIRST);
  somebodyElse({ text: 'theirs' });
  await attempt({ text: 'mine' }, { id: 'a', version: 1 });
  expect(conflicts).toHaveLength(1);
});
