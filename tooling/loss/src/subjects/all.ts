import type { Subject } from '../subject.ts';
import { cacheHelpers } from './cacheHelpers.ts';
import { legendState } from './legendState.ts';
import { ours } from './ours.ts';
import { fetchAtSubscribed, fetchOnMount, createPoll } from './plain.ts';
import { rxdb } from './rxdb.ts';

/** Everybody, in the order of the table. */
export const SUBJECTS: readonly Subject[] = [ours, fetchOnMount, fetchAtSubscribed, rxdb, legendState, cacheHelpers, createPoll()];
