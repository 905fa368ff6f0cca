import type { SupabaseClient } from '@supabase/supabase-js';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createChangeLog, MOST_KNOWN, type ChangeLog, type LogAnswer } from './changeLog.ts';
import { exactAmong } from './exactRows.ts';
import type { Held, Repair, RepairRequest, RepairSource } from './repairSource.ts';
import type { AnyRow } from './rowWindow.ts';
import type { TableSource, TableSourceOptions } from './tableSource.ts';
import { notUsed } from './usedReader.ts';

/** Every so many repairs the table itself is compared: what a log cannot know are rows that came in or out of sight unwritten. */
const TABLE_EVERY = 10;
/** Entries asked for at once. */
const PAGE_SIZE = 500;
/** When more changed than rows are wanted, and than this, reading the rows anew costs less. */
const LEAST_TOLD = 200;

/** What repairs of a query are made from. */
export interface ChangeLogSourceOptions extends Omit<TableSourceOptions, 'reader'> {
  /** What is read at first, every now and then, and whenever the log does not reach back far enough. */
  table: TableSource;
  /** Whether anybody still wants to know. */
  isUsed: () => boolean;
}

/** The change logs of one client. */
export interface ChangeLogs {
  sourceOf(options: ChangeLogSourceOptions): RepairSource;
  /** Aborts what is being asked. */
  end(): void;
}

/**
 * Lets live queries catch up from the logs that `supabase/optional/change_log.sql` keeps: pass it to `createRealtimeClient`.
 * A part of its own, so that apps without such logs need not load it. Tables that have none are compared as a whole.
 *
 * @example createRealtimeClient({ supabase, changeLog })
 */
export function changeLog({ supabase, clock, logger }: { supabase: () => SupabaseClient; clock: Clock; logger: Logger }): ChangeLogs {
  const log = createChangeLog(supabase, { clock, logger });
  return { sourceOf: (options) => createChangeLogSource(log, options), end: log.end };
}

/** What was told over all pages. */
interface Told {
  readonly cursor: string;
  /** Whether the log reached back far enough; else there is only a new cursor. */
  readonly whole: boolean;
  readonly put: ReadonlyMap<string, AnyRow>;
  readonly gone: ReadonlySet<string>;
}

/**
 * Repairs from a change log: what was written since the last repair, deletes included, whatever the stream did not tell.
 * Falls back to the table where there is no log.
 */
export function createChangeLogSource(log: ChangeLog, { table, query, columns, version, keyOf, isUsed }: ChangeLogSourceOptions): RepairSource {
  const { key, column } = query.order;
  const thin = [...new Set([...key, column, ...(version === undefined ? [] : [version])])].join(',');
  /** Up to where the rows that are held are known. */
  let cursor: string | null = null;
  let needsKnown = true;
  let repairs = 0;

  const ask = async (since: string | null, given: string, known: readonly string[] = []): Promise<LogAnswer | null> => {
    if (!isUsed()) throw notUsed();
    const { schema, table: name, filters } = query;
    const answer = await log.ask({ schema, table: name, filters, columns: given, exact: exactAmong(given, query.order.exact), since, pageSize: PAGE_SIZE, known: known.map((text) => partsOf(text, key.length)) });
    if (answer !== null) ({ needsKnown } = answer);
    return answer;
  };
  /** Compares with the table after a cursor was taken, so that the next repair begins before what is read. */
  const fromTable = async (held: Held, request: RepairRequest, from = cursor): Promise<Repair> => {
    const next = from ?? (await ask(null, thin))?.cursor ?? null;
    const scope = request.scope === 'recent' ? 'all' : request.scope;
    return { ...(await table.repair(held, { ...request, scope })), applied: () => { cursor = next; } };
  };
  const readLog = async (held: Held, since: string, given: string): Promise<Told | null> => {
    const put = new Map<string, AnyRow>();
    const gone = new Set<string>();
    const unasked = needsKnown ? inParts([...held.keys()], MOST_KNOWN) : [];
    let upTo = since;
    for (let more = true; more; more ||= unasked.length > 0) {
      const answer = await ask(upTo, given, unasked.shift());
      if (answer === null) return null;
      ({ cursor: upTo, more } = answer);
      if (answer.reset) return { cursor: upTo, whole: false, put, gone };
      for (const row of answer.rows) {
        put.set(keyOf(row), row);
        gone.delete(keyOf(row));
      }
      for (const row of answer.gone) {
        put.delete(keyOf(row));
        if (held.get(keyOf(row)) !== undefined) gone.add(keyOf(row));
      }
      if (put.size > Math.max(held.wanted, LEAST_TOLD)) return null;
    }
    return { cursor: upTo, whole: true, put, gone };
  };
  /** Of most that is told the stream has told before, and much may lie beyond the end: what differs is read. */
  const readDiffering = async (held: Held, { put, gone }: Told, { patience }: RepairRequest): Promise<Repair> => {
    const differing = (): string[] => table.differing(held, [...put].filter(([rowKey, row]) => held.reaches(row) || held.get(rowKey) !== undefined).map(([rowKey, row]) => ({ key: rowKey, version: row[version ?? ''] })));
    if (patience !== null && differing().length + gone.size > 0) await patience();
    const found = await table.readRows(differing());
    return { put: found.put, gone: [...gone, ...found.gone] };
  };

  return {
    async repair(held, request) {
      const isDue = request.scope !== 'recent' && (repairs += 1) % TABLE_EVERY === 0;
      if (cursor === null || request.scope === 'whole' || held.size === 0 || isDue || !held.isSure([])) return fromTable(held, request);
      const compares = version !== undefined && (request.patience !== null || held.cut);
      const told = await readLog(held, cursor, compares ? thin : columns);
      if (told === null) return fromTable(held, request, null);
      // The log has rows, and not their order.
      if (!told.whole || !held.isSure(told.put.values())) return fromTable(held, request, told.cursor);
      if (!compares && request.patience !== null && told.put.size + told.gone.size > 0) await request.patience();
      const repair = compares ? await readDiffering(held, told, request) : { put: [...told.put.values()], gone: [...told.gone] };
      return { ...repair, applied: () => { cursor = told.cursor; } };
    },
  };
}

/** The texts of a key's columns; of several columns it is a JSON array of them. */
function partsOf(key: string, columns: number): readonly string[] {
  return columns === 1 ? [key] : (JSON.parse(key) as string[]); // made so by keyOf
}

function inParts<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
