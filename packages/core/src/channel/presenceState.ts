import { asRecord } from '../lib/asRecord.ts';
import type { StandardSchema } from '../lib/standardSchema.ts';
import { textOf } from '../lib/textOf.ts';
import { redact } from '../pipeline/redact.ts';
import { validate } from '../pipeline/validate.ts';
import type { Invalid } from './parseChange.ts';
import type { PresenceEntry, PresenceMap } from './types.ts';

/** Keeps who is present from the server's `presence_state` and `presence_diff`. Made by {@link createPresenceState}. */
export interface PresenceState {
  /** Replaces everything. */
  replace(payload: unknown): PresenceMap<unknown>;
  /** Applies a diff; one that comes before the first state waits for it. */
  apply(payload: unknown): PresenceMap<unknown>;
  /** Keeps who is known; diffs wait for the next state. For lost joins. */
  suspend(): void;
  /** Forgets everybody. */
  reset(): PresenceMap<unknown>;
}

/**
 * Presence kept from the raw messages. An update arrives as the new entry among `joins` and the old among `leaves`, so
 * joins are added before leaves are taken away and nobody seems to go. supabase-js's own state shows both after an update.
 */
export function createPresenceState(schema: StandardSchema, onInvalid: (invalid: Invalid) => void): PresenceState {
  let state = new Map<string, readonly PresenceEntry<unknown>[]>();
  let synced = false;
  let early: unknown[] = [];

  const parse = (key: string, presence: unknown): PresenceEntry<unknown>[] => {
    const { metas } = asRecord(presence);
    if (!Array.isArray(metas)) return [];
    return metas.flatMap((meta: unknown) => {
      const { phx_ref: ref, phx_ref_prev: _previous, ...shared } = asRecord(meta);
      const checked = typeof ref === 'string' ? validate(schema, shared) : { ok: false as const, issues: [{ message: 'the entry has no reference', path: [key] }] };
      if (checked.ok) return [{ ref: textOf(ref), state: checked.value }];
      onInvalid({ kind: 'presence', event: 'presence', table: null, key: null, reason: 'schema', issues: checked.issues, sample: redact(meta) });
      return [];
    });
  };
  const applyDiff = (payload: unknown): void => {
    const { joins, leaves } = asRecord(payload);
    const next = new Map(state);
    for (const [key, presence] of Object.entries(asRecord(joins))) {
      const entries = parse(key, presence);
      const refs = new Set(entries.map(({ ref }) => ref));
      const merged = [...(next.get(key) ?? []).filter(({ ref }) => !refs.has(ref)), ...entries];
      if (merged.length > 0) next.set(key, merged);
    }
    for (const [key, presence] of Object.entries(asRecord(leaves))) {
      const gone = refsOf(presence);
      const left = (next.get(key) ?? []).filter(({ ref }) => !gone.has(ref));
      if (left.length > 0) next.set(key, left);
      else next.delete(key);
    }
    state = next;
  };
  const suspend = (): void => {
    synced = false;
    early = [];
  };

  return {
    replace(payload) {
      state = new Map();
      for (const [key, presence] of Object.entries(asRecord(payload))) {
        const entries = parse(key, presence);
        if (entries.length > 0) state.set(key, entries);
      }
      synced = true;
      for (const diff of early.splice(0)) applyDiff(diff);
      return state;
    },
    apply(payload) {
      if (synced) applyDiff(payload);
      else early.push(payload);
      return state;
    },
    suspend,
    reset() {
      suspend();
      state = new Map();
      return state;
    },
  };
}

function refsOf(presence: unknown): ReadonlySet<unknown> {
  const { metas } = asRecord(presence);
  return new Set(Array.isArray(metas) ? metas.map((meta: unknown) => asRecord(meta)['phx_ref']) : []);
}
