import { asRecord } from '../lib/asRecord.ts';
import type { WireEvent } from '../wire/types.ts';

/** What is known of a topic's presence, as the server sent it. Made by {@link createPresenceRelay}. */
export interface PresenceRelay {
  /** Takes a message in. */
  note(event: WireEvent): void;
  /** The `presence_state` that somebody would get who joined now; null before the server sent one. */
  state(): WireEvent | null;
}

/** Keeps the raw presence of a joined topic, for those who come to the join later: the server tells it once. */
export function createPresenceRelay(): PresenceRelay {
  const people = new Map<string, Map<unknown, unknown>>();
  let synced = false;
  const early: unknown[] = [];

  const add = (entries: unknown): void => {
    for (const [key, presence] of Object.entries(asRecord(entries))) {
      const metas = people.get(key) ?? new Map<unknown, unknown>();
      for (const meta of metasOf(presence)) metas.set(asRecord(meta)['phx_ref'], meta);
      people.set(key, metas);
    }
  };
  const remove = (entries: unknown): void => {
    for (const [key, presence] of Object.entries(asRecord(entries))) {
      for (const meta of metasOf(presence)) people.get(key)?.delete(asRecord(meta)['phx_ref']);
      if (people.get(key)?.size === 0) people.delete(key);
    }
  };
  const apply = (diff: unknown): void => {
    const { joins, leaves } = asRecord(diff);
    add(joins);
    remove(leaves);
  };

  return {
    note({ type, payload }) {
      if (type === 'presence_state') {
        people.clear();
        add(payload);
        synced = true;
        for (const diff of early.splice(0)) apply(diff);
      } else if (type === 'presence_diff') {
        if (synced) apply(payload);
        else early.push(payload);
      }
    },
    state: () =>
      synced ? { type: 'presence_state', payload: Object.fromEntries([...people].map(([key, metas]) => [key, { metas: [...metas.values()] }])) } : null,
  };
}

function metasOf(presence: unknown): readonly unknown[] {
  const { metas } = asRecord(presence);
  return Array.isArray(metas) ? metas : [];
}
