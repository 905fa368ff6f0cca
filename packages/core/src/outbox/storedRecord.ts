import { asRecord } from '../lib/asRecord.ts';
import type { StoredAction } from './types.ts';

/** Whether what was read from a disk is a stored action. Whether its name and input still mean something is for the drain to judge. */
export function isStoredAction(value: unknown): value is StoredAction {
  const { seq, id, name, lane, enqueuedAt, attempts, folded, failure } = asRecord(value);
  return (
    isCount(seq) && isCount(attempts) && typeof enqueuedAt === 'number' &&
    [id, name, lane].every((text) => typeof text === 'string') &&
    Array.isArray(folded) && folded.every((other) => typeof other === 'string') &&
    'input' in asRecord(value) &&
    (failure === null || isFailure(failure))
  );
}

function isFailure(value: unknown): boolean {
  const { code, status, message, at } = asRecord(value);
  return typeof code === 'string' && typeof message === 'string' && typeof status === 'number' && typeof at === 'number';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0; // an integer is a number
}
