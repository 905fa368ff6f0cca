import { keyOf as keyOfRow } from '../channel/parseChange.ts';
import { wireOf } from '../channel/wireRow.ts';
import type { Change } from '../channel/types.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { sameContent } from '../lib/sameContent.ts';
import { compareValues, type RowOrder } from './compare.ts';
import type { Merge } from './mergeChanges.ts';
import type { OptimisticEffect, OptimisticWrite, OptimisticWrites, WriteEvent } from './optimisticWrites.ts';
import { createOverlaidView, type OverlaidView } from './overlaidView.ts';
import type { AnyRow } from './rowWindow.ts';
import { apply, baseOf, likeShown, untouched, type Touched } from './touchedRow.ts';
import type { Matches } from './where.ts';

/** How long a row that the server answered with is held against older changes still on their way, in ms: the stream is up to 0.6 s behind. */
const ECHO_PATIENCE_MS = 1_000;

/** What {@link createOptimisticRows} shows writes over. */
export interface OptimisticRowsParts {
  schema: string;
  table: string;
  order: RowOrder;
  /** Column that grows with every update of a row, if there is one. */
  version: string | undefined;
  merge: Merge;
  /** Of the query's conditions, the channel's filter among them. */
  matches: Matches;
  /** A row as the server sends it, as the query holds it; null when it fails its schema. */
  accept: (row: AnyRow) => AnyRow | null;
  /** The columns of a row that the query holds. */
  project: (row: AnyRow) => AnyRow;
  clock: Clock;
  /** Reads a row again; {@link OptimisticRows.reading} is called when that begins. */
  ask: (key: string) => void;
  /** Shows what is held now, and tells of changes that confirmations made to the rows held. */
  commit: (changes: readonly Change<AnyRow>[]) => void;
  logger: Logger;
}

/** A query's rows with the writes under way over them. */
export interface OptimisticRows extends Omit<OverlaidView, 'changed'> {
  /** A change of the stream, after it was merged. */
  heard(change: Change<unknown>): void;
  /** A read of these rows, or of all, begins; call what it returns when it was merged. */
  reading(keys: ReadonlySet<string> | 'all'): () => void;
  /** Shows the writes under way, and what becomes of them, until {@link stop}; those shown by then are followed to their end. */
  start(): void;
  stop(): void;
}

/** Puts writes over the rows of queries. An option, so that clients without an outbox do not carry it. */
export interface OptimisticSource {
  over(parts: OptimisticRowsParts): OptimisticRows;
}

/**
 * Shows writes over a query's rows without touching those: shown is what is held with the effects applied in order, row by
 * row, so changes of the table go through underneath. A confirmed row is merged and its effects leave in the same commit.
 */
export function createOptimisticRows(writes: OptimisticWrites, parts: OptimisticRowsParts): OptimisticRows {
  const { schema, table, order, version, merge, matches, accept, project, clock, ask, commit, logger } = parts;
  const { window } = merge;
  const isDecimal = version !== undefined && order.exact?.includes(version) === true;
  const touched = new Map<string, Touched>();
  /** Of the writes shown, the rows they touch. */
  const places = new Map<string, { readonly write: OptimisticWrite; readonly keys: ReadonlySet<string> }>();
  const overlaid = createOverlaidView({ window, matches, touched });
  /** Whether somebody looks: without, rows are neither merged nor read. */
  let active = false;
  let stopListening: (() => void) | null = null;

  const keyOf = (effect: OptimisticEffect): string | null => {
    if ((effect.schema ?? 'public') !== schema || effect.table !== table) return null;
    return keyOfRow(effect.type === 'INSERT' ? effect.row : effect.key, order.key);
  };
  const valuesOf = (effect: OptimisticEffect): AnyRow | null => {
    if (effect.type !== 'INSERT') return effect.type === 'UPDATE' ? project(effect.changes) : null;
    const row = accept(effect.row);
    if (row === null) logger.warn('a row is not shown before it is confirmed; it fails its schema', { table });
    return row;
  };
  const place = (write: OptimisticWrite): void => {
    const keys = new Set<string>();
    for (const effect of write.effects) {
      const key = keyOf(effect);
      if (key === null) continue;
      keys.add(key);
      const row = touched.get(key) ?? untouched();
      touched.set(key, row);
      const behind = row.effects.findIndex(({ write: other }) => other.order > write.order);
      row.effects.splice(behind < 0 ? row.effects.length : behind, 0, { write, type: effect.type, values: valuesOf(effect), settled: false });
      overlaid.changed(key, row);
    }
    places.set(write.id, { write, keys });
  };
  const take = (id: string, inPlaceOf?: OptimisticWrite): void => {
    const keys = places.get(id)?.keys ?? [];
    places.delete(id);
    for (const key of keys) {
      const row = touched.get(key);
      if (row !== undefined) row.effects = row.effects.filter(({ write }) => write.id !== id);
    }
    if (inPlaceOf !== undefined) place(inPlaceOf);
    for (const key of keys) {
      const row = touched.get(key);
      if (row !== undefined) overlaid.changed(key, row);
    }
  };
  /** Holds a row as the server answered, until the stream has passed it: older changes may still be on their way. */
  const hold = (key: string, row: Touched, answer: AnyRow | null): void => {
    release(row);
    row.answer = { row: answer, timer: clock.setTimeout(() => { ask(key); }, ECHO_PATIENCE_MS) };
  };
  const release = (row: Touched): void => {
    if (row.answer !== null) clock.clearTimeout(row.answer.timer);
    row.answer = null;
  };
  /** Merges what the server answered; false when it cannot be told whether the stream knows better, or whether the row is one of the query's. */
  const adopt = (key: string, { heard }: Touched, answer: AnyRow | null, note: (change: Change<AnyRow>) => void): boolean => {
    const held = window.get(key);
    const isUnsure = answer !== null && heard > 0 && (held === undefined || (version === undefined && !sameContent(held, answer)));
    const isOne = answer !== null && matches(answer, held);
    if (isUnsure || isOne === null) return false;
    const isOld = answer !== null && held !== undefined && version !== undefined && compareValues(wireOf(answer)[version], wireOf(held)[version], isDecimal) <= 0;
    const change = isOld ? null : merge.adopt(key, isOne ? answer : null);
    if (change !== null) note(change);
    return true;
  };
  const confirmRow = (id: string, key: string, found: AnyRow | undefined, note: (change: Change<AnyRow>) => void): void => {
    const row = touched.get(key);
    const mine = row?.effects.filter(({ write }) => write.id === id) ?? [];
    const end = mine.at(-1);
    if (row === undefined || end === undefined) return;
    const isGone = end.type === 'DELETE' && found !== undefined;
    const wasHeld = window.get(key) !== undefined;
    const accepted = found === undefined || end.type === 'DELETE' ? null : accept(found);
    const answer = accepted === null ? (isGone ? null : undefined) : likeShown(row, accepted);
    if (answer !== undefined && adopt(key, row, answer, note)) {
      // What was settled before is in the answer.
      row.effects = row.effects.filter(({ write, settled }) => write.id !== id && !(settled && write.order < end.write.order));
      // Older changes may still be on their way: not of a row that was just made; and with a version they are told by that.
      const isLate = isGone ? wasHeld || row.heard === 0 : row.heard === 0 && version === undefined && mine.some(({ type }) => type === 'UPDATE');
      if (isLate) hold(key, row, answer);
      row.heard = 0;
    } else {
      for (const placed of mine) placed.settled = true;
      // Older changes that are still on their way would be seen until then.
      const seen = row.effects.filter(({ settled }) => settled).reduce(apply, baseOf(row, window.get(key)));
      if (seen !== null) hold(key, row, seen);
      ask(key);
    }
    overlaid.changed(key, row);
  };
  const confirm = (id: string, rows: readonly AnyRow[], note: (change: Change<AnyRow>) => void): void => {
    const byKey = new Map(rows.map((row) => [keyOfRow(row, order.key), row]));
    for (const key of places.get(id)?.keys ?? []) confirmRow(id, key, byKey.get(key), note);
    places.delete(id);
  };
  /** Shows what a write has done until the rows are read, which is the first that happens when somebody looks again. */
  const settle = (id: string): void => {
    for (const key of places.get(id)?.keys ?? []) {
      const row = touched.get(key);
      if (row === undefined) continue;
      for (const placed of row.effects) placed.settled ||= placed.write.id === id;
      overlaid.changed(key, row);
    }
    places.delete(id);
  };
  const onWrite = (event: WriteEvent): void => {
    const { write: { id }, type } = event;
    if (!active && !places.has(id)) return; // placed when somebody looks again
    const changes: Change<AnyRow>[] = [];
    if (type !== 'confirmed') take(id, type === 'shown' ? event.write : undefined);
    else if (active) confirm(id, event.rows, (change) => changes.push(change));
    else settle(id);
    commit(changes);
    leaveIfDone();
  };
  /** Follows the writes shown to their end also when nobody looks: later it could not be told which were confirmed and which failed. */
  const leaveIfDone = (): void => {
    if (active || places.size > 0) return;
    stopListening?.();
    stopListening = null;
  };

  return {
    view: () => overlaid.view(),
    get size() {
      return overlaid.size;
    },
    get pendingKeys() {
      return overlaid.pendingKeys;
    },
    heard({ key }) {
      const row = touched.get(key);
      if (row === undefined) return;
      row.heard += 1;
      if (row.answer === null || !sameContent(row.answer.row, window.get(key) ?? null)) return;
      release(row);
      row.heard = 0;
      overlaid.changed(key, row);
    },
    reading(keys) {
      const meant = [...touched].filter(([key]) => keys === 'all' || keys.has(key));
      const before = meant.map(([key, row]) => ({ key, row, heard: row.heard, answer: row.answer, settled: new Set(row.effects.filter(({ settled }) => settled)) }));
      return () => {
        for (const { key, row, heard, answer, settled } of before) {
          if (answer === null && settled.size === 0) continue;
          if (version === undefined && row.heard !== heard) {
            ask(key); // the stream's word was taken, which may be older than the read
            continue;
          }
          if (row.answer === answer) release(row);
          row.effects = row.effects.filter((placed) => !settled.has(placed));
          const held = window.get(key);
          if (settled.size > 0 && (version === undefined || held === undefined)) hold(key, row, held ?? null);
          overlaid.changed(key, row);
        }
      };
    },
    start() {
      active = true;
      for (const write of writes.of(schema, table)) if (!places.has(write.id)) place(write);
      stopListening ??= writes.listen(schema, table, onWrite);
    },
    stop() {
      active = false;
      leaveIfDone();
      for (const [key, row] of touched) {
        release(row);
        overlaid.changed(key, row);
      }
    },
  };
}
