import { expect } from 'vitest';
import type { Received, SessionClient } from '../support/sessionClient.ts';
import { heard, isDistinct, numberOf } from './speech.ts';

const BINDINGS = [
  { event: '*', schema: 'public', table: 'items' },
  { event: 'INSERT', schema: 'public', table: 'items', filter: 'n=eq.1' },
];

/** A join as the model has it. */
export interface Joined {
  ref: string;
  changes: boolean;
  ack: boolean;
  self: boolean;
  /** When presence was tracked, by the clock. */
  trackedAt: number[];
  present: boolean;
  /** Joined since before this round. */
  steady: boolean;
}

/** One topic of one socket, as the model has it: what it must hear, in order. */
export class Seat {
  joined: Joined | null = null;
  /** Whether a join is being refused, which takes until the clock moves on. */
  refused = false;
  /** Replies, closes and the reasons for them, as {@link answersOf} gives them. */
  readonly answers: string[] = [];
  /** Broadcasts that must have come exactly once. */
  readonly heard: string[] = [];
  /** Rows that must have come exactly once. */
  readonly rows: number[] = [];

  constructor(
    readonly client: SessionClient,
    readonly key: string,
    /** With its prefix. */
    readonly topic: string,
  ) {}

  get received(): Received[] {
    return this.client.received.filter(({ topic }) => topic === this.topic);
  }

  /** The topic without its prefix: what SQL and `system` messages call it. */
  get name(): string {
    return this.topic.slice('realtime:'.length);
  }

  push(event: string, payload: unknown): string {
    return this.client.push(this.topic, event, payload, this.joined?.ref ?? null);
  }

  /** What a join of this seat asks for. */
  joinPayload({ changes, ack, self }: Pick<Joined, 'changes' | 'ack' | 'self'>, token: string): object {
    const config = { broadcast: { ack, self }, presence: { key: this.key, enabled: true }, postgres_changes: changes ? BINDINGS : [], private: isPrivate(this.topic) };
    return { config, access_token: token };
  }

  answered(ref: string): void {
    this.answers.push(`phx_reply ${ref} ok`);
  }

  failed(ref: string, reason: string): void {
    this.answers.push(`phx_reply ${ref} error ${reason}`);
  }

  /** The server ends the channel, with a reason unless the client asked for it. */
  closed(reason: string | null = null): void {
    if (reason !== null) this.answers.push(`system error ${this.name} ${reason}`);
    if (this.joined) this.answers.push(`phx_close ${this.joined.ref}`);
    this.joined = null;
  }

  /** Resolves once everything promised so far has come, but for what the clock holds back. */
  async quiet(): Promise<void> {
    // The clock holds the answer back; that the server saw the join shows elsewhere.
    if (this.refused) return this.client.caughtUp();
    if (this.joined) this.answered(this.push('presence', {}));
    await this.client.until(() => answersOf(this.received).length >= this.answers.length);
    const { joined } = this;
    if (joined?.changes === true) await this.client.until(() => this.received.slice(startOf(this.received, joined.ref)).some(isVerdict));
  }
}

/** Topics `b` are private. */
export function isPrivate(topic: string): boolean {
  return topic.endsWith('-b');
}

/** Replies, closes of channels, and what the server says on them, in order. */
function answersOf(received: readonly Received[]): string[] {
  return received.flatMap(({ event, ref, payload }) => {
    const { status, response, extension, channel, message } = payload;
    if (event === 'phx_close') return [`phx_close ${String(ref)}`];
    if (event === 'phx_reply') return [`phx_reply ${String(ref)} ${String(status)}${status === 'error' ? ` ${String((response as { reason?: unknown }).reason)}` : ''}`];
    return event === 'system' && extension === 'system' ? [`system ${String(status)} ${String(channel)} ${String(message)}`] : [];
  });
}

function startOf(received: readonly Received[], joinRef: string): number {
  return received.findIndex(({ event, ref }) => event === 'phx_reply' && ref === joinRef);
}

function isVerdict({ event, payload }: Received): boolean {
  return event === 'system' && payload['extension'] === 'postgres_changes' && payload['status'] === 'ok';
}

interface ChangePayload {
  ids: number[];
  data: { record: { id: number; n: number } };
}

function changesOf(received: readonly Received[]): ChangePayload[] {
  // True by the protocol.
  return received.flatMap(({ event, payload }) => (event === 'postgres_changes' ? [payload as unknown as ChangePayload] : []));
}

type Metas = Record<string, { metas: { phx_ref: string }[] }>;

/** Keys present by the state after the seat's join and the diffs since. */
export function presentAt({ received, joined }: Seat): string[] {
  const refs = new Map<string, string>();
  const add = (metas: Metas): void => Object.entries(metas).forEach(([key, entry]) => entry.metas.forEach((meta) => refs.set(meta.phx_ref, key)));
  for (const { event, payload } of received.slice(startOf(received, joined?.ref ?? ''))) {
    if (event === 'presence_state') add(payload as Metas);
    if (event !== 'presence_diff') continue;
    add(payload['joins'] as Metas);
    for (const { metas } of Object.values(payload['leaves'] as Metas)) for (const { phx_ref: ref } of metas) refs.delete(ref);
  }
  return [...new Set(refs.values())].sort();
}

/** What came while the topic was not joined, but for the one `presence_diff` that may follow a `phx_close`. */
function strays(received: readonly Received[]): string[] {
  const stray: string[] = [];
  let live: unknown = null;
  let mayDiff = false;
  for (const { event, ref, payload } of received) {
    if (event === 'phx_reply') {
      if (isJoinReply(payload)) live = ref;
    } else if (event === 'phx_close') {
      mayDiff = ref === live;
      if (ref === live) live = null;
    } else if (live === null) {
      if (event !== 'presence_diff' || !mayDiff) stray.push(event);
      mayDiff = false;
    }
  }
  return stray;
}

function isJoinReply({ response }: Record<string, unknown>): boolean {
  return typeof response === 'object' && response !== null && 'postgres_changes' in response;
}

/** Checks what must hold of all that a socket received on a topic. @param exactly whether the model knows all it may have heard */
export function checkSeat(seat: Seat, { exactly }: { exactly: boolean }): void {
  const { received, key, topic } = seat;
  const where = `${key} on ${topic}`;
  expect(answersOf(received), `answers to ${where}`).toEqual(seat.answers);
  expect(strays(received), `after the end of ${where}`).toEqual([]);

  const sounds = received.filter(({ event }) => event === 'broadcast').map(heard);
  const distinct = sounds.filter(isDistinct);
  expect(new Set(distinct).size, `each broadcast once to ${where}`).toBe(distinct.length);
  if (exactly) expect(sounds, `broadcasts to ${where}`).toEqual(seat.heard);
  else expect(sounds, `broadcasts to ${where}`).toEqual(expect.arrayContaining(seat.heard));
  for (const sender of ['k0', 'k1', 'k2', 'db']) {
    const numbers = sounds.flatMap((sound) => numberOf(sound, sender) ?? []);
    expect(numbers, `order of ${sender} to ${where}`).toEqual([...numbers].sort((a, b) => a - b));
  }

  const rows = changesOf(received).map(({ data }) => data.record.id);
  expect(rows, `rows to ${where}, each once and in commit order`).toEqual([...new Set(rows)].sort((a, b) => a - b));
  if (exactly) expect(rows, `rows to ${where}`).toEqual(seat.rows);
  else expect(rows, `rows to ${where}`).toEqual(expect.arrayContaining(seat.rows));
  const [all, ones] = received.flatMap(({ payload: { response } }) => (response as { postgres_changes?: { id: number }[] } | undefined)?.postgres_changes ?? []).map(({ id }) => id);
  for (const change of changesOf(received)) expect(change.ids, `ids to ${where}`).toEqual(change.data.record.n === 1 ? [ones, all] : [all]);
}
