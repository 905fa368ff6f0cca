import { Observable } from 'rxjs';
import { keyColumns, keyOf as keyOfRow } from '../channel/parseChange.ts';
import type { ChannelDefinition, Filter } from '../channel/defineChannel.ts';
import { wireOf } from '../channel/wireRow.ts';
import type { Change, Channel, InvalidPayload } from '../channel/types.ts';
import { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Frames } from '../lib/frames.ts';
import { createHold } from '../lib/hold.ts';
import type { Logger } from '../lib/logger.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import { holdingStore } from '../store/store.ts';
import { createFreshness } from './freshness.ts';
import { createLossWatch } from './lossWatch.ts';
import { createMerge } from './mergeChanges.ts';
import { createReads, scopeOf } from './reads.ts';
import { createReadWaiters, type Awaited } from './readWaiters.ts';
import { createRepairLoop, type RepairWork } from './repairLoop.ts';
import type { ChangeLogs } from './changeLogSource.ts';
import { createRowCheck } from './rowCheck.ts';
import { createShownRows, NO_KEYS } from './shownRows.ts';
import type { OptimisticSource } from './optimisticRows.ts';
import type { AnyRow } from './rowWindow.ts';
import type { TableQuery, TableReader } from './tableReader.ts';
import { createTableSource } from './tableSource.ts';
import type { LiveQuery, LiveState } from './types.ts';
import { createUsedReader, notUsed } from './usedReader.ts';
import { whereMatches } from './where.ts';

/** How long refresh() and loadMore() wait for the channel and the rows, in ms. */
const READ_PATIENCE_MS = 15_000;

/** What a live query is made of. */
export interface LiveQueryParts {
  reader: TableReader;
  clock: Clock;
  frames: Frames;
  logger: Logger;
  lingerMs: number;
  random?: (() => number) | undefined;
  /** Where repairs come from instead of the table, which stays what single rows are read from. */
  changeLogs?: ChangeLogs | undefined;
  /** Writes to show before they are confirmed. */
  optimistic?: OptimisticSource | undefined;
}

/** The query, with its types erased. */
export interface ErasedQuery {
  channel: Channel<ChannelDefinition>;
  table: string;
  orderBy: { column: string; ascending?: boolean };
  limit?: number;
  where?: readonly Filter[];
  select?: readonly string[];
  reconcileMs?: number;
}

/**
 * Keeps the rows of a query equal to the table: reads them once the channel is live – from then on every change is sent –
 * and merges what the stream brings. What the stream may have missed is found by repairs: after every gap, regularly,
 * and at once for a row that the server could not send whole.
 */
export function createLiveQuery({ channel, table, orderBy, limit: pageRows = 100, where = [], select, reconcileMs }: ErasedQuery, parts: LiveQueryParts): LiveQuery<AnyRow> {
  const { reader, clock, frames, logger, lingerMs, random = Math.random } = parts;
  const definition = channel.definition.tables[table];
  if (definition === undefined) throw new TypeError(`"${channel.definition.name}" has no table "${table}"`);
  const { schema = 'public', version, filter } = definition;
  const key = keyColumns(definition);
  const order = { column: orderBy.column, ascending: orderBy.ascending ?? true, key, exact: definition.exact };
  const keyOf = (row: AnyRow): string => keyOfRow(wireOf(row), key) ?? '';
  const columns = select === undefined ? null : [...new Set([...select, ...key, order.column, ...where.map(({ column }) => column), ...(version === undefined ? [] : [version])])];
  const query: TableQuery = { schema, table, order, filters: [...(filter === undefined ? [] : [filter(channel.params)]), ...where] };

  const rows = createMerge({ schema, table, keyOf, order, limit: pageRows, version, matches: whereMatches(where, definition.exact) });
  const { window } = rows;
  const check = createRowCheck({ table, definition, columns, keyOf, report: (invalid) => { channel.reportInvalid(invalid); } });
  const sourceOptions = { query, columns: columns?.join(',') ?? '*', version, keyOf };
  const isUsed = (): boolean => loop.running;
  const tableSource = createTableSource({ reader: createUsedReader(reader, isUsed), ...sourceOptions });
  const source = parts.changeLogs?.sourceOf({ table: tableSource, ...sourceOptions, isUsed }) ?? tableSource;
  const losses = createLossWatch({ table, clock, logger });
  const waiters = createReadWaiters();
  const over = parts.optimistic?.over({
    ...{ schema, table, order, version, merge: rows, matches: whereMatches(query.filters, definition.exact), accept: (row: AnyRow) => check.accept(row), project: (row: AnyRow) => check.project(row), clock, logger },
    ask: (row) => { loop.ask({ row }); },
    commit(changes) {
      shown.note(changes);
      shown.commit();
    },
  });
  const shown = createShownRows({ view: () => (over ?? window).view(), rest: () => rest(), frames, logger });

  const freshness = createFreshness(clock);
  /** Whom the read under way serves. */
  let serving = waiters.now(() => true);

  const statusNow = (): Pick<LiveState<AnyRow>, 'status' | 'error'> => (hold.active ? freshness.status(channel.store.get()) : { status: 'idle', error: null });
  const rest = (): Omit<LiveState<AnyRow>, 'rows'> => {
    const { status, error } = statusNow();
    return { status, error, pendingKeys: over?.pendingKeys ?? NO_KEYS, hasMore: window.cut || (over ?? window).size > window.limit, syncedAt: freshness.syncedAt, warning: losses.warning() };
  };
  const read = createReads({ window, version, table: tableSource, source, clock });
  const perform = async (work: RepairWork, signal: AbortSignal): Promise<boolean> => {
    const first = freshness.syncedAt === null;
    const scope = scopeOf(work);
    const compares = scope !== null && scope !== 'recent';
    serving = waiters.now((what) => work.repair === 'gap' || work.repair === 'whole' || (what === 'more' && (work.readOn || compares)));
    const settled = freshness.reading(compares);
    const touched = rows.watch();
    const isRead = over?.reading(compares ? 'all' : work.rows);
    const found = await read(work, touched, signal).catch((error: unknown) => {
      rows.unwatch(touched);
      throw error;
    });
    if (signal.aborted) {
      rows.unwatch(touched);
      return false;
    }
    const { put, gone, end, inOrder, applied } = found;
    const { put: valid, refused } = check.check(put);
    const changes: Change<AnyRow>[] = [];
    const unsure = rows.repair({ put: valid, refused, gone, ...(end !== undefined && { end }), ...(inOrder !== undefined && { inOrder }) }, (change) => {
      if (!first) changes.push(change); // the first rows are no changes
    });
    // Once: rows that change all the time would be read all the time.
    const again = work.repair === null ? [] : unsure;
    for (const row of again) loop.ask({ row });
    rows.unwatch(touched);
    isRead?.();
    applied?.();
    if (work.repair === 'sweep' || work.repair === 'glance') losses.swept(changes);
    else if (work.repair !== null) losses.reset();
    // A comparison of versions does not read rows that are held in the version they have.
    if (scope === 'all' && version !== undefined) for (const row of work.rows) loop.ask({ row });
    settled(window.missing() === 0 && again.length === 0);
    readOnIfShort();
    shown.note(changes);
    shown.commit();
    // What was to be read on may wait for rows that are read by key, or for an end that has moved meanwhile.
    serving.resolve((what) => what !== 'more' || window.missing() === 0);
    return changes.length > 0;
  };
  const loop = createRepairLoop({
    clock,
    random,
    reconcileMs: reconcileMs ?? (version === undefined ? 60_000 : 30_000),
    perform,
    onFailed(error, failures) {
      freshness.failed(error, failures);
      shown.commit();
      serving.reject(error);
    },
  });
  const readOnIfShort = (): void => {
    if (window.missing() > 0) loop.ask({ readOn: true });
  };

  const onChange = (incoming: Change<unknown>): void => {
    if (incoming.type === 'UPDATE') {
      // Under another key it is another row, and the one before is gone.
      const before = keyOfRow(incoming.old, key);
      if (before !== null && before !== incoming.key) onChange({ schema, table, key: before, commitTimestamp: incoming.commitTimestamp, type: 'DELETE', old: incoming.old });
    }
    const change = incoming.type === 'DELETE' || columns === null ? incoming : { ...incoming, row: check.project(incoming.row as AnyRow) }; // by its schema an object
    if (losses.heard(change)) loop.trouble();
    const hadPlace = window.placed(change.key) !== undefined;
    const applied = rows.apply(change);
    if (applied === 'unsure') {
      loop.ask({ row: change.key });
      return;
    }
    over?.heard(change);
    if (applied === null && !hadPlace) return; // a row that was refused leaves room too
    shown.show(applied === null ? [] : [applied]);
    readOnIfShort();
  };
  const onInvalid = ({ table: of, kind, key: row }: InvalidPayload): void => {
    if (of !== table || kind !== 'change') return;
    if (row === null) loop.trouble();
    else loop.ask({ row });
  };
  /** Why there will be no rows until the app does something; null when there may be. */
  const refusal = (): RealtimeError | null => {
    const { status, error } = channel.store.get();
    if (status === 'failed') return error;
    return status === 'closed' ? new RealtimeError('client/disposed', `the rows of "${table}" were not read; the client was disposed`) : null;
  };
  const onChannel = (): void => {
    const isLive = channel.store.get().status === 'live';
    if (isLive && !loop.running) {
      freshness.begin();
      rows.forgetCommits();
      loop.start();
    } else if (!isLive) {
      loop.stop();
      freshness.end();
      const refused = refusal();
      if (refused !== null) waiters.now(() => true).reject(refused);
    }
    shown.commit();
  };
  const onGap = (): void => {
    freshness.missed();
    loop.ask({ repair: 'gap' });
    shown.commit();
  };

  let stops: (() => void)[] = [];
  const hold = createHold({
    clock,
    lingerMs,
    start() {
      const changes = channel.changes$(table as never).subscribe(onChange); // the table exists, as checked above
      const invalid = channel.invalid$.subscribe(onInvalid);
      const missed = channel.gaps$.subscribe(onGap);
      over?.start();
      stops = [() => { changes.unsubscribe(); }, () => { invalid.unsubscribe(); }, () => { missed.unsubscribe(); }, channel.store.subscribe(onChannel)];
      onChannel();
    },
    stop() {
      for (const stop of stops.splice(0)) stop();
      loop.stop();
      over?.stop();
      freshness.end();
      waiters.now(() => true).reject(notUsed());
      shown.commit();
    },
  });
  const held$ = new Observable<Change<AnyRow>>((subscriber) => {
    const subscription = shown.changes$.subscribe(subscriber);
    subscription.add(hold.acquire());
    return subscription;
  });

  /** Waits for what `ask` asks for, and keeps the query in use meanwhile. */
  const awaited = async (what: Awaited, ask: (done: () => void) => void): Promise<void> => {
    const release = hold.acquire();
    try {
      const refused = refusal();
      if (refused !== null) throw refused;
      const { promise, done } = waiters.add(what);
      ask(done);
      await withTimeout(promise, READ_PATIENCE_MS, clock, () => new RealtimeError('live/snapshot-failed', `the rows of "${table}" were not read within ${String(READ_PATIENCE_MS)} ms`, { cause: channel.store.get().error }));
    } finally {
      release();
    }
  };
  const loadMore = async (): Promise<void> => {
    let added = 0;
    try {
      await awaited('more', (done) => {
        window.limit += added = pageRows;
        if (window.missing() > 0 || !loop.running) loop.ask({ readOn: true });
        else done();
        shown.commit();
      });
    } catch (error) {
      // Who asks again wants this page, not two.
      window.limit -= added;
      shown.commit();
      throw error;
    }
  };
  return {
    store: holdingStore(shown.store, hold.acquire),
    changes$: held$,
    refresh: () => awaited('refresh', () => { loop.ask({ repair: 'whole' }); }),
    loadMore,
  };
}
