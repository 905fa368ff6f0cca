import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepRuns } from './support/deep.ts';

const valid = { id: 'a0000000-0000-4000-8000-000000000001', title: 'a title', status: 'open', priority: 3, is_public: true, score: 0.5, created_at: '2026-01-01T00:00:00+00:00', metadata: { tags: ['a'], v: 1 } };
const odd = fc.oneof(fc.jsonValue({ depthSize: 'small' }), fc.constantFrom('open', 'draft', '', -1, 10, 11, 2 ** 53, '2026-02-30T00:00:00Z', '2026-02-28T00:00:00Z', {}, [], { tags: [], v: 0 }, { tags: [1], v: 'x' }));
const member = fc.constantFrom(...Object.keys(valid), 'note', 'unheard of', '__proto__', 'constructor');
/** A valid row in which some members are others, or missing. */
const row = fc.oneof(
  fc.array(fc.tuple(member, fc.option(odd, { nil: undefined })), { maxLength: 3 }).map((changes) => JSON.parse(JSON.stringify({ ...valid, ...Object.fromEntries(changes) })) as unknown),
  odd,
);

interface Verdicts {
  readonly generates: boolean;
  /** What the schema says: a value, or issues. */
  readonly verdicts: readonly { readonly issues?: unknown }[];
}

/** Judges the rows in a Node process of its own, as far as its flags let it. */
async function judge(rows: readonly unknown[], ...flags: string[]): Promise<Verdicts> {
  const child = spawn(process.execPath, [...flags, fileURLToPath(new URL('./fixtures/verdicts.mjs', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(JSON.stringify(rows));
  await once(child, 'close');
  return JSON.parse(output) as Verdicts;
}

const SEED = Date.now();

test('V1: rows are judged alike whether a schema could be compiled or code must not be generated, as under a strict content security policy', async () => {
  const rows = fc.sample(row, { numRuns: deepRuns({ usual: 3_000, deep: 50_000 }), seed: SEED });
  const [compiled, plain] = await Promise.all([judge(rows), judge(rows, '--disallow-code-generation-from-strings')]);
  expect([compiled.generates, plain.generates]).toEqual([true, false]);
  expect(plain.verdicts, `seed ${SEED}`).toEqual(compiled.verdicts);
  const accepted = compiled.verdicts.filter(({ issues }) => issues === undefined).length;
  expect(accepted > rows.length / 20 && accepted < rows.length, `${accepted} of ${rows.length} rows accepted`).toBe(true);
}, 60_000);
