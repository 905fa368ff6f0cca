import type { SupabaseClient } from '@supabase/supabase-js';
import { sameContent } from '../lib/sameContent.ts';
import type { OwnVersions } from './ownVersions.ts';
import type { RowUpdate } from './tableActions.ts';
import type { ExecuteContext, Json } from './types.ts';

/** How often a row may change under a resolver's hands within one attempt. */
const MAX_ROUNDS = 5;

/** A row, or some columns of one, as JSON. */
export type JsonRow = { readonly [column: string]: Json | undefined };

/** A row of which two people changed the same columns. */
export interface Conflict {
  /** As it was shown when the change was made. */
  readonly base: JsonRow;
  /** The base with the change. */
  readonly mine: JsonRow;
  /** As it is now. */
  readonly theirs: JsonRow;
}

/**
 * Decides a conflict: gives the columns to write over `theirs`, or null to leave those as they are. It may be asked again with
 * what it decided itself as `theirs`, when the answer to its write was lost and its page closed: then it should decide the same.
 */
export type Resolve = (conflict: Conflict) => JsonRow | null;

/** Where and how {@link updateRow} writes. */
export interface UpdateRowOptions {
  readonly table: string;
  readonly from: () => ReturnType<SupabaseClient['from']>;
  readonly version: string | undefined;
  readonly resolve: Resolve | undefined;
  /** What was decided for actions that are not confirmed, by their keys. */
  readonly decisions: Map<string, JsonRow>;
  readonly ownVersions: OwnVersions;
}

/**
 * Updates a row. With a resolver and a base the update is on condition that the row still has the base's version, or the one
 * that one's own writes have made of that. When it has not, and columns of the update are not as the base shows them, the
 * resolver decides; what is written then is on condition of the version that was seen.
 *
 * @returns supabase-js's response, with the row as `data`.
 * @throws Error when the row does not exist or may not be changed.
 */
export async function updateRow({ table, from, version, resolve, decisions, ownVersions }: UpdateRowOptions, { key, changes, base }: RowUpdate, { idempotencyKey, signal }: Pick<ExecuteContext, 'idempotencyKey' | 'signal'>): Promise<unknown> {
  const conditional = resolve !== undefined && version !== undefined && base !== undefined;
  const done = <T>(answer: T): T => {
    decisions.delete(idempotencyKey);
    return answer;
  };
  let values = changes;
  let seen = conditional ? ownVersions.latest(key, base[version]) : undefined;
  for (let round = 0; round < MAX_ROUNDS && !signal.aborted; round += 1) {
    const update = from().update(values).match(key);
    // With `is` null is a value, too.
    const written = await (!conditional ? update : seen === null || seen === undefined ? update.is(version, null) : update.eq(version, seen)).select();
    if (written.error !== null) return written;
    if (written.data.length > 0) {
      const made = written.data[0] as JsonRow; // PostgREST answers with objects
      if (conditional) ownVersions.note(key, seen, made[version]);
      return done({ ...written, data: made });
    }
    const found = await from().select().match(key);
    if (found.error !== null) return found;
    const theirs = found.data[0] as JsonRow | undefined; // as above
    if (theirs === undefined || !conditional || sameContent(theirs[version], seen)) throw new Error(`the row of "${table}" was not changed; it does not exist or is somebody else's`);
    // An earlier attempt did it, and its answer was lost.
    if ([values, decisions.get(idempotencyKey)].some((made) => made !== undefined && has(theirs, made))) {
      if (has(theirs, { ...base, ...values, [version]: theirs[version] })) ownVersions.note(key, seen, theirs[version]);
      return done({ ...found, data: theirs });
    }
    const decided = isTouched(theirs, base, changes, version) ? resolve({ base, mine: { ...base, ...changes }, theirs }) : changes;
    if (decided === null || Object.keys(decided).length === 0) return done({ ...found, data: theirs });
    if (decided !== changes) decisions.set(idempotencyKey, decided);
    [values, seen] = [decided, theirs[version]];
  }
  return { data: null, error: { code: '40001', message: `the row of "${table}" changed faster than the conflict was resolved` }, status: 409 };
}

/**
 * Whether a column of the update is not as the base shows it. Versions alone do not tell: one's own earlier writes, which the
 * base shows before they are done, move them as well.
 */
function isTouched(theirs: JsonRow, base: JsonRow, changes: JsonRow, version: string): boolean {
  return Object.keys(changes).some((column) => column !== version && !sameContent(theirs[column], base[column]));
}

function has(row: JsonRow, values: JsonRow): boolean {
  return Object.keys(values).every((column) => sameContent(row[column], values[column]));
}
