import { randomBytes } from 'node:crypto';
import { canonicalJson, membersOf } from '../codec/jsonSlices.ts';

/** What changed, as the JSON text of a `presence_diff` payload. */
export type PresenceDiff = string;

interface Entry {
  key: string;
  ref: string;
  /** JSON text of the meta: `phx_ref`, `phx_ref_prev` and what was tracked. */
  meta: string;
  /** What was tracked, in one spelling, to see whether it changed. */
  tracked: string;
}

/**
 * Who is present in a room: one meta per channel (`member` is its identity), several per key.
 * Metas are JSON text, so that numbers keep their digits. A `phx_ref` inside the tracked payload comes after the
 * server's and therefore wins, as on the real server.
 */
export class PresenceRoom {
  readonly #entries = new Map<object, Entry>();
  readonly #createRef: () => string;

  constructor(createRef: () => string = randomRef) {
    this.#createRef = createRef;
  }

  /** Tracks or updates; `null` when nothing changed. `payload` is the JSON text of an object. */
  track(member: object, key: string, payload: string): PresenceDiff | null {
    const previous = this.#entries.get(member);
    const tracked = canonicalJson(payload);
    if (previous?.tracked === tracked) return null;
    const ref = this.#createRef();
    const head = [`"phx_ref":"${ref}"`];
    if (previous) head.push(`"phx_ref_prev":"${previous.ref}"`);
    const rest = membersOf(payload);
    if (rest !== '') head.push(rest);
    const entry: Entry = { key, ref, tracked, meta: `{${head.join(',')}}` };
    this.#entries.set(member, entry);
    return diffOf({ joins: [entry], leaves: previous ? [previous] : [] });
  }

  /** Takes a member out; `null` when it was not present. */
  untrack(member: object): PresenceDiff | null {
    const entry = this.#entries.get(member);
    if (!entry) return null;
    this.#entries.delete(member);
    return diffOf({ joins: [], leaves: [entry] });
  }

  /** Whether a member is present. */
  has(member: object): boolean {
    return this.#entries.has(member);
  }

  /** The JSON text of a `presence_state` payload. */
  state(): string {
    return byKey([...this.#entries.values()]);
  }
}

function diffOf({ joins, leaves }: { joins: Entry[]; leaves: Entry[] }): PresenceDiff {
  return `{"joins":${byKey(joins)},"leaves":${byKey(leaves)}}`;
}

function byKey(entries: Entry[]): string {
  const metas = new Map<string, string[]>();
  for (const { key, meta } of entries) metas.set(key, [...(metas.get(key) ?? []), meta]);
  return `{${[...metas].map(([key, list]) => `${JSON.stringify(key)}:{"metas":[${list.join(',')}]}`).join(',')}}`;
}

function randomRef(): string {
  return randomBytes(12).toString('base64url');
}
