import type { SupabaseClient } from '@supabase/supabase-js';
import { expect, test } from 'vitest';
import { updateRow, type Conflict, type JsonRow } from './updateRow.ts';

type Answer = { data: JsonRow[] | null; error: { message: string } | null; status: number };

/** A table of one row whose version every update moves on; answers to updates may be lost. */
function setup(row: JsonRow) {
  const conflicts: Conflict[] = [];
  const decisions = new Map<string, JsonRow>();
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
    updateRow({ table: 'notes', from: from as unknown as () => ReturnType<SupabaseClient['from']>, version: 'version', resolve, decisions }, { key: { id: 'a' }, changes, base }, { idempotencyKey, signal: new AbortController().signal }); // what of a builder is used
  return { attempt, conflicts, decisions, row: () => now, setLost: (next: boolean) => { lost = next; } };
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
