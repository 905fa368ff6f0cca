import type { SupabaseClient } from '@supabase/supabase-js';
import { inexactIssues, keyColumns, keyOf } from '../channel/parseChange.ts';
import type { ChannelDefinition, TableDefinition } from '../channel/defineChannel.ts';
import type { Change, Channel } from '../channel/types.ts';
import { RealtimeError } from '../errors.ts';
import { retryDelay } from '../lib/backoff.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import { createHold } from '../lib/hold.ts';
import type { Logger } from '../lib/logger.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import { redact } from '../pipeline/redact.ts';
import { validate } from '../pipeline/validate.ts';
import { createStore, holdingStore } from '../store/store.ts';
import type { ExactRow } from './exactRows.ts';
import { createMerge } from './mergeChanges.ts';
import { readSnapshot } from './snapshot.ts';
import type { LiveQuery, LiveState, LiveStatus } from './types.ts';

/** How long refresh() waits for the channel and the rows, in ms. */
const REFRESH_TIMEOUT_MS = 15_000;

type AnyRow = Readonly<Record<string, unknown>>;

/** What a live query is made of. */
export interface LiveQueryParts {
  supabase: SupabaseClient;
  clock: Clock;
  logger: Logger;
  lingerMs: number;
  random?: (() => number) | undefined;
}

/** The query, with its types erased. */
export interface ErasedQuery {
  channel: Channel<ChannelDefinition>;
  table: string;
  orderBy: { column: string; ascending?: boolean };
  limit?: number;
}

/**
 * Keeps the rows of a query: takes a snapshot once the channel is live – from then on every change is sent – and merges
 * the changes that arrive meanwhile and later. A rejoin, a gap in the stream or a row the server could not send whole
 * leads to another snapshot.
 */
export function createLiveQuery({ channel, table, orderBy: { column, ascending = true }, limit = 100 }: ErasedQuery, parts: LiveQueryParts): LiveQuery<AnyRow> {
  const { supabase, clock, logger, lingerMs, random = Math.random } = parts;
  const definition = channel.definition.tables[table];
  if (definition === undefined) throw new TypeError(`"${channel.definition.name}" has no table "${table}"`);
  const key = keyColumns(definition);
  const merge = createMerge({ exact: definition.exact, keyOf: (row) => keyOf(row, key) ?? '', orderBy: column, ascending, limit, version: definition.version });
  const store = createStore<LiveState<AnyRow>>({ rows: [], status: 'idle', syncedAt: null, error: null }, { logger });

  /** Changes since the snapshot under way was asked for; null when none is. */
  let buffer: Change<unknown>[] | null = null;
  let reading: AbortController | null = null;
  let again = false;
  let failures = 0;
  let retry: TimerHandle | undefined;
  const waiters: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  const publish = (status: LiveStatus, error: RealtimeError | null, syncedAt = store.get().syncedAt): void => {
    const before = store.get();
    const rows = merge.rows();
    if (before.rows === rows && before.status === status && before.error === error && before.syncedAt === syncedAt) return;
    store.set({ rows, status, syncedAt, error });
  };
  const settle = (finish: (waiter: (typeof waiters)[number]) => void, first = waiters.length): void => {
    for (const waiter of waiters.splice(0, first)) finish(waiter);
  };
  const isLive = (): boolean => channel.store.get().status === 'live';
  /** Why there will be no rows until the app does something; null when there may be. */
  const refusal = (): RealtimeError | null => {
    const { status, error } = channel.store.get();
    if (status === 'failed') return error;
    return status === 'closed' ? new RealtimeError('client/disposed', `the rows of "${table}" were not read; the client was disposed`) : null;
  };

  const cancel = (): void => {
    reading?.abort();
    reading = null;
    buffer = null;
    again = false;
    if (retry !== undefined) clock.clearTimeout(retry);
    retry = undefined;
  };

  const snapshot = async (): Promise<void> => {
    if (reading !== null) {
      again = true; // what it reads may be from before the reason
      return;
    }
    if (retry !== undefined) clock.clearTimeout(retry);
    retry = undefined;
    const mine = new AbortController();
    reading = mine;
    const since: Change<unknown>[] = [];
    buffer = since;
    const asked = waiters.length; // who comes later wants to know of later rows
    try {
      const filter = definition.filter?.(channel.params) ?? null;
      const read = await readSnapshot(supabase, { schema: definition.schema ?? 'public', table, filter, orderBy: column, ascending, key, exact: definition.exact ?? [], limit }, mine.signal);
      if (reading !== mine) return;
      merge.replace(validRows(read, definition), since, read.length >= limit);
      if (merge.incomplete()) again = true;
      failures = 0;
      publish('live', null, clock.now());
      settle(({ resolve }) => { resolve(); }, asked);
    } catch (cause) {
      if (reading !== mine) return;
      fail(cause instanceof RealtimeError ? cause : new RealtimeError('live/snapshot-failed', `the rows of "${table}" could not be read`, { cause }), asked);
    }
    reading = null;
    buffer = null;
    if (!again) return;
    again = false;
    void snapshot(); // not awaited: under steady changes the chain would have no end
  };
  const fail = (error: RealtimeError, asked: number): void => {
    publish('error', error);
    settle(({ reject }) => { reject(error); }, asked);
    if (!error.retryable) return;
    retry = clock.setTimeout(() => void snapshot(), retryDelay((failures += 1), { random }));
  };

  const validRows = (read: readonly ExactRow[], { row: schema }: TableDefinition): AnyRow[] =>
    read.flatMap(({ row, inexact }): AnyRow[] => {
      const checked = inexact.length > 0 ? { ok: false as const, issues: inexactIssues(inexact) } : validate(schema, row);
      if (checked.ok) return [checked.value as AnyRow]; // a row schema gives an object
      const reason = inexact.length > 0 ? 'inexact' : 'schema';
      channel.reportInvalid({ kind: 'snapshot', event: table, table, key: reason === 'inexact' ? null : keyOf(row, key), reason, issues: checked.issues, sample: redact(row) });
      return [];
    });

  const onChange = (change: Change<unknown>): void => {
    buffer?.push(change);
    const wasIncomplete = merge.incomplete();
    if (!merge.apply(change)) return;
    publish(store.get().status, store.get().error);
    // A snapshot under way looks for itself whether it left room.
    if (merge.incomplete() && !wasIncomplete && reading === null && isLive()) void snapshot();
  };
  const onChannel = (): void => {
    const { status, error } = channel.store.get();
    if (status === 'live') {
      publish(store.get().syncedAt === null ? 'loading' : 'stale', null);
      void snapshot();
      return;
    }
    cancel();
    const refused = refusal();
    if (refused !== null) settle(({ reject }) => { reject(refused); });
    if (status === 'failed') publish('error', error);
    else publish(status === 'closed' || status === 'idle' ? 'idle' : store.get().syncedAt === null ? 'loading' : 'stale', error);
  };

  let stops: (() => void)[] = [];
  const hold = createHold({
    clock,
    lingerMs,
    start() {
      let seenLive = false;
      const changes = channel.changes$(table as never).subscribe(onChange); // the table exists, as checked above
      const invalid = channel.invalid$.subscribe((payload) => {
        if (payload.table === table && payload.kind === 'change' && payload.reason !== 'schema' && isLive()) void snapshot();
      });
      const onState = (): void => {
        if (seenLive && isLive()) return;
        seenLive = isLive();
        onChannel();
      };
      stops = [() => { changes.unsubscribe(); }, () => { invalid.unsubscribe(); }, channel.store.subscribe(onState)];
      onState();
    },
    stop() {
      for (const stop of stops.splice(0)) stop();
      cancel();
      settle(({ reject }) => { reject(new RealtimeError('channel/not-live', 'nobody subscribes to the query')); });
      publish('idle', null);
    },
  });

  return {
    store: holdingStore(store, hold.acquire),
    async refresh() {
      const release = hold.acquire();
      try {
        const merged = new Promise<void>((resolve, reject) => {
          waiters.push({ resolve, reject });
        });
        const refused = refusal();
        if (refused !== null) settle(({ reject }) => { reject(refused); });
        else if (isLive()) void snapshot();
        await withTimeout(merged, REFRESH_TIMEOUT_MS, clock, () => new RealtimeError('live/snapshot-failed', `the rows of "${table}" were not read within ${String(REFRESH_TIMEOUT_MS)} ms`, { cause: channel.store.get().error }));
      } finally {
        release();
      }
    },
  };
}
