import type { SupabaseClient } from '@supabase/supabase-js';
import type { RealtimeError } from '../errors.ts';
import type { StandardSchema } from '../lib/standardSchema.ts';
import type { OptimisticEffect } from '../live/optimisticWrites.ts';
import type { Store } from '../store/store.ts';

/** What can be stored and read again as it was. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** What an action is told when it runs. */
export interface ExecuteContext {
  /** The action's id: the same at every attempt. What is written should carry it, so that a repeated attempt cannot write twice. */
  readonly idempotencyKey: string;
  /** Aborts on sign-out and dispose, and when the attempt has taken half a minute; requests of the given client and `fetch` end with it. */
  readonly signal: AbortSignal;
  /** Attempts before this one whose outcome is not known or was a passing failure. 0 at the first. */
  readonly attempts: number;
  /**
   * For requests to others than the project: the platform's `fetch`, ended with the attempt. When `execute` throws, or gives an
   * error without a status, what these requests met decides: without an answer, or with 503, it is sent again, and `Retry-After`
   * is heeded. No token is added.
   */
  readonly fetch: typeof fetch;
}

/** A queued action as those that decide about it see it. */
export interface QueuedAction<Input = unknown> {
  /** UUID version 7; also the idempotency key. */
  readonly id: string;
  readonly name: string;
  readonly input: Input;
  /** When it was enqueued, in ms since 1970. */
  readonly enqueuedAt: number;
}

/** What `execute` may give: supabase-js's response as it is, whose `data` is the output, or the output itself. */
export type Answer<Output> = Output | { readonly data: Output | null; readonly error: unknown; readonly status?: number };

/**
 * A kind of write. Made by `defineAction`, or ready-made for a table. `Given` is what `enqueue` takes: the schema makes an `Input`
 * of it, filling in defaults for one.
 */
export interface ActionDefinition<Input = unknown, Output = unknown, Given = Input> {
  /** Under which it is stored: never reuse one for something else. */
  readonly name: string;
  /**
   * Checked at `enqueue`, and again before it runs: what was given is stored, as JSON, maybe by an older version of the app. Has
   * to answer at once: a schema that gives a promise refuses every input.
   */
  readonly input: StandardSchema<Given, Input>;
  /**
   * Writes. The client it is given acts for the queue's person alone, and its requests end with the attempt. What it throws
   * or gives as `error` is judged by HTTP status, PostgREST's code and SQLSTATE (docs/outbox.md).
   */
  readonly execute: (supabase: SupabaseClient, input: Input, context: ExecuteContext) => PromiseLike<Answer<Output>>;
  /**
   * Asked when the server says that the row is there already (23505), which an earlier attempt may have written: the output
   * when it is this action's own row, null when it is another. Without it a duplicate is a failure.
   */
  readonly applied?: ((supabase: SupabaseClient, input: Input, context: ExecuteContext) => PromiseLike<Answer<Output | null>>) | undefined;
  /** Actions of one lane run in order, lanes side by side. */
  readonly lane: (input: Input) => string;
  /** What to show until it is confirmed. */
  readonly optimistic?: ((action: QueuedAction<Input>) => readonly OptimisticEffect[]) | undefined;
  /**
   * Folds the next action of the lane into this one while neither was ever sent: gives one action's name and input for both,
   * `'nothing'` when they cancel out, null when they stay two. Takes inputs as they are stored, which is what was given and not
   * what the schema made of it, and gives one to be stored: they stay two where a schema refuses it.
   */
  readonly fold?: ((earlier: QueuedAction<Given>, later: QueuedAction) => { readonly name: string; readonly input: Json } | 'nothing' | null) | undefined;
}

/** An action of any input and output. */
export interface AnyAction {
  readonly name: string;
  readonly input: StandardSchema;
  readonly execute: (supabase: SupabaseClient, input: never, context: ExecuteContext) => PromiseLike<unknown>;
  readonly lane: (input: never) => string;
}

/** Why an action failed for good, as it is stored. */
export interface StoredFailure {
  /** Code of the {@link RealtimeError}. */
  readonly code: string;
  /** HTTP status; 0 when there was none. */
  readonly status: number;
  /** The server's code: PostgREST's or SQLSTATE; null without one. */
  readonly serverCode: string | null;
  /** The server's message. */
  readonly message: string;
  readonly details: string | null;
  readonly hint: string | null;
  /** When, in ms since 1970. */
  readonly at: number;
}

/** An action as it is stored. */
export interface StoredAction {
  /** Place in the queue; given by the storage, growing, over all tabs. */
  readonly seq: number;
  readonly id: string;
  readonly name: string;
  readonly lane: string;
  readonly input: Json;
  readonly enqueuedAt: number;
  /** Attempts that began. */
  readonly attempts: number;
  /** Ids of later actions that were folded into this one; confirmed and failed together with it. */
  readonly folded: readonly string[];
  /** Set when it is in the dead letter queue. */
  readonly failure: StoredFailure | null;
}

/** Where the queue is kept. One for all queues of an app; adapters for other platforms implement this. */
export interface OutboxStorage {
  /** Whether what it holds outlives the page. */
  readonly durable: boolean;
  /** The tabs that share it; absent where each page has its own. */
  readonly tabs?: Tabs | undefined;
  /**
   * Opens the queue of one person. Rejects when the platform refuses; the outbox then keeps the queue in memory and says so.
   *
   * @param known - what the page knows of the queue; asked when somebody deleted what was stored while it was open, to store
   *   it again with its places.
   */
  open(scope: string, known?: () => readonly StoredAction[]): Promise<OutboxQueue>;
}

/** What a transaction does to stored actions. */
export interface QueueChange {
  readonly put?: readonly StoredAction[] | undefined;
  readonly remove?: readonly number[] | undefined;
}

/**
 * One person's stored queue. Every method is one transaction: all of it happens or nothing, it resolves when it is durable, and
 * rejects when nothing happened, within a few seconds also where the platform does not answer. An `add` that is silent for 15 s
 * is taken for refused, and what it stores after that is removed.
 */
export interface OutboxQueue {
  /** Appends, in this order, and gives the places. Calls of one tick may share a transaction. */
  add(actions: readonly Omit<StoredAction, 'seq'>[]): Promise<readonly number[]>;
  /** Actions behind a place, in order. Records that cannot be read are set aside, and counted. */
  load(afterSeq: number): Promise<{ readonly actions: readonly StoredAction[]; readonly corrupted: number }>;
  /**
   * Replaces and removes in one transaction, judged by what is stored then: `decide` gets the records of `places` that are
   * there and says what to do. It is called once, gives no promise, and puts only what it was given. Removing what is not there
   * does nothing.
   */
  change(places: readonly number[], decide: (found: ReadonlyMap<number, StoredAction>) => QueueChange): Promise<void>;
  close(): void;
}

/** What tabs of one person tell each other. */
export type TabMessage =
  /** Actions were added; read on. */
  | { readonly type: 'added' }
  /** Actions that are gone, by id, and why; `cancelled` when they cancelled each other out unsent. `output` only where it can be cloned. */
  | { readonly type: 'settled'; readonly ids: readonly string[]; readonly outcome: 'confirmed' | 'discarded' | 'cancelled'; readonly output?: unknown }
  /** Records as they are now. */
  | { readonly type: 'changed'; readonly actions: readonly StoredAction[] }
  /** Something may not have been told: from a tab that begins to lead or found it out, or made by the one that receives it. Read everything again. */
  | { readonly type: 'missed' };

/** Tabs of one person that share a storage. */
export interface Tabs {
  /** Calls `lead` once this tab is the one that drains; its signal aborts when it no longer is. Stops asking when the given signal aborts. */
  campaign(scope: string, signal: AbortSignal, lead: (leading: AbortSignal) => void): void;
  /** Messages of the other tabs until the returned function is called. */
  listen(scope: string, onMessage: (message: TabMessage) => void): () => void;
  /** Tells the other tabs. Never throws. */
  post(scope: string, message: TabMessage): void;
}

/** An action that is waiting or failed, for apps to show. */
export interface OutboxEntry extends QueuedAction<Json> {
  readonly lane: string;
  readonly attempts: number;
  /** Whether an attempt is under way; known in the tab that drains. */
  readonly sending: boolean;
  readonly failure: StoredFailure | null;
}

/** State of the outbox. */
export interface OutboxState {
  /** Waiting or being sent, in order. */
  readonly pending: readonly OutboxEntry[];
  /** The dead letter queue: failed for good, until retried or discarded. */
  readonly failed: readonly OutboxEntry[];
  /** Whether this tab is sending. */
  readonly draining: boolean;
  /** Best knowledge of whether the server can be reached: the platform, the connection and the latest requests. */
  readonly online: boolean;
  /** Whether the queue outlives the page; null until the storage was opened. */
  readonly durable: boolean | null;
  /** What the app should know: `outbox/not-durable`, `outbox/records-damaged`; else null. */
  readonly warning: RealtimeError | null;
}

/** What became of an enqueued action. */
export interface ReceiptState<Output> {
  readonly status: 'stored' | 'sending' | 'confirmed' | 'failed';
  readonly output: Output | undefined;
  readonly error: RealtimeError | null;
}

/** An action that was stored. */
export interface Receipt<Output> {
  readonly id: string;
  readonly store: Store<ReceiptState<Output>>;
  /** The server's answer. Rejects with `outbox/failed` when it failed for good, `outbox/discarded` when it was discarded. Need not be handled. */
  readonly confirmed: Promise<Output>;
}

/** A durable queue of writes. */
export interface Outbox {
  /** Starts by itself with the first subscriber and the first `enqueue`. */
  readonly store: Store<OutboxState>;
  /** Opens the storage and sends what earlier pages left. Without effect the second time. */
  start(): void;
  /** Whether an action of this name is among those it was made with. */
  has(action: Pick<AnyAction, 'name'>): boolean;
  /**
   * Shows the action's effects at once, and resolves when it is stored. Rejects with `outbox/input-invalid` (the issues as `cause`)
   * or `outbox/action-unknown` when nothing was stored.
   */
  enqueue<Input, Output, Given>(action: ActionDefinition<Input, Output, Given>, input: Given): Promise<Receipt<Output>>;
  /** Sends a failed action again, before what waits in its lane; with another input when one is given. Without effect on others. */
  retry(id: string, input?: Json): Promise<void>;
  /** Forgets an action: a failed one, or one that was not yet sent. Rejects with `outbox/already-sent` when it may be at the server. */
  discard(id: string): Promise<void>;
}
