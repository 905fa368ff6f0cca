import type { Subject } from '../subject.ts';
import { cacheHelpers } from './cacheHelpers.ts';
import { legendState } from './legendState.ts';
import { ours, oursWithLog } from './ours.ts';
import { fetchAtSubscribed, fetchOnMount, createPoll } from './plain.ts';
import { rxdb } from './rxdb.ts';

/** Everybody, in the order of the table. */
export const SUBJECTS: readonly Subject[] = [ours, oursWithLog, fetchOnMount, fetchAtSubscribed, rxdb, legendState, cacheHelpers, createPoll()];
