// One way to check rows, in a fresh process: says how much CPU time a row took, in microseconds.
import { cpuOf } from '../measure.ts';
import { makeRows } from './rows.ts';

const [, , side, rowKind] = process.argv;
const ROWS = 20_000;
const ROUNDS = 10;

if (side === 'compiled') await import('zod/compile');
const { challengeRow, isChallengeRow } = await import('./rowCheck.ts');
const valid = makeRows(ROWS);
const rows = rowKind === 'valid' ? valid : valid.map((row) => ({ ...row, status: 'unheard of', created_at: 'yesterday' }));
// The call that the SDK makes for every row.
const check = side === 'byHand' ? isChallengeRow : (row: unknown): boolean => (challengeRow['~standard'].validate(row) as { issues?: unknown }).issues === undefined;
const checkAll = (): Promise<void> => {
  let passed = 0;
  for (let round = 0; round < ROUNDS; round += 1) for (const row of rows) if (check(row)) passed += 1;
  if (passed !== (rowKind === 'valid' ? ROWS * ROUNDS : 0)) throw new Error(`${side ?? ''} let ${passed} rows pass`);
  return Promise.resolve();
};
await checkAll();
globalThis.gc?.();
const costs = [await cpuOf(checkAll, ROWS * ROUNDS), await cpuOf(checkAll, ROWS * ROUNDS), await cpuOf(checkAll, ROWS * ROUNDS)];
process.send?.(costs.sort((a, b) => a - b)[1]);
process.disconnect();
