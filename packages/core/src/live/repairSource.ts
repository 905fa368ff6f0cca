import type { AnyRow } from './rowWindow.ts';

/** Rows one after the other as the server orders them: the first ones of the query, or those after a row. */
export interface RowsInOrder {
  readonly rows: readonly AnyRow[];
  readonly after: AnyRow | null;
}

/** What a live query holds, as far as a source must know. It changes with the stream while a repair is under way. */
export interface Held {
  /** How many rows, from the first, the query wants known. */
  readonly wanted: number;
  /** How many it holds. */
  readonly size: number;
  /** Whether rows beyond those it holds were never seen. */
  readonly cut: boolean;
  /** The row after which rows were never seen, null for none; another object when it moved. */
  end(): AnyRow | null;
  keys(): Iterable<string>;
  /** Whether a row with these columns of the order belongs to what is held, and not beyond its end. */
  reaches(row: AnyRow): boolean;
  /** Whether these rows, and those that are held, are where the server has them in the order, and not where a guess puts them. */
  isSure(rows: Iterable<AnyRow>): boolean;
  /** The version column of a row. `undefined` when the row is not known or there is no version column. */
  versionOf(key: string): unknown;
  /** A row, as it is held, or as it was read if it is left out because it fails its schema; with its columns of the order. */
  get(key: string): AnyRow | undefined;
  /** Whether the stream has changed or deleted the row since the repair began: then it may know better than a read. */
  touched(key: string): boolean;
}

/**
 * - `recent` – what was written lately, cheaply; nothing need be found
 * - `all` – everything that differs
 * - `whole` – everything, and nothing that is held is trusted
 */
export type RepairScope = 'recent' | 'all' | 'whole';

/** What is asked of a source. */
export interface RepairRequest {
  readonly scope: RepairScope;
  /** Waits for what is on its way over the stream; null when the rows are known to be wrong and speed counts. */
  readonly patience: (() => Promise<void>) | null;
}

/** How the table differs from what is held. */
export interface Repair {
  /** Rows as they are now, not yet validated. Those that are held already and equal do no harm. */
  readonly put: readonly AnyRow[];
  /** Keys of rows that are no longer among the query's. */
  readonly gone: readonly string[];
  /**
   * Up to where the query's rows are known now: the last row, with its columns of the order at least, or null when the
   * table has no more. Left out: as before.
   */
  readonly end?: AnyRow | null;
  /** What the server told of the order; left out when it told nothing. */
  readonly inOrder?: RowsInOrder;
  /** Called once this is merged, and not when it comes too late for that. */
  readonly applied?: () => void;
}

/**
 * Where a live query learns what its stream did not tell. There are two: reading the table ({@link createTableSource}),
 * which works with any table, and a change log, which knows every change since the last repair.
 */
export interface RepairSource {
  /**
   * What the table has become. Called once the stream flows, never twice at a time; the stream's changes meanwhile are
   * noted by the caller, who lets them win over what is read.
   * Rejects with a `RealtimeError`: `live/snapshot-failed` when it may work later, `live/snapshot-invalid` when it will not.
   */
  repair(held: Held, request: RepairRequest): Promise<Repair>;
}
