import { sameContent } from '../lib/sameContent.ts';
import { stableKey } from '../lib/stableKey.ts';
import type { JsonRow } from './updateRow.ts';

/** Steps that are remembered; the oldest is forgotten first. */
const MAX_STEPS = 1_000;

/** Which versions of rows are one's own making: what lies between them nobody else wrote. */
export interface OwnVersions {
  /** Notes that one's own write alone made a version of another. */
  note(key: JsonRow, before: unknown, after: unknown): void;
  /** The version that one's own writes have made of this one; itself where they have made none. */
  latest(key: JsonRow, version: unknown): unknown;
}

/** Lasts as long as the page: another one finds out by comparing rows. */
export function createOwnVersions(): OwnVersions {
  const steps = new Map<string, unknown>();
  const placeOf = (key: JsonRow, version: unknown): string => stableKey([key, version ?? null]);
  return {
    note(key, before, after) {
      if (sameContent(before, after)) return;
      // The newest has no successor: versions that return, as digests of content do, make no circle.
      steps.delete(placeOf(key, after));
      steps.set(placeOf(key, before), after);
      const [oldest] = steps.keys();
      if (steps.size > MAX_STEPS && oldest !== undefined) steps.delete(oldest);
    },
    latest(key, version) {
      let latest = version;
      for (let place = placeOf(key, latest); steps.has(place); place = placeOf(key, latest)) latest = steps.get(place);
      return latest;
    },
  };
}
