import type { TimerHandle } from '../lib/clock.ts';
import { remade, sameRow } from '../channel/wireRow.ts';
import { sameContent } from '../lib/sameContent.ts';
import type { OptimisticEffect, OptimisticWrite } from './optimisticWrites.ts';
import type { AnyRow } from './rowWindow.ts';

/** An effect of a write, on the row it touches. */
export interface Placed {
  readonly write: OptimisticWrite;
  readonly type: OptimisticEffect['type'];
  /** An INSERT's row, an UPDATE's changes; as the query holds them. */
  readonly values: AnyRow | null;
  /** Confirmed without a row: shown until the row was read. */
  settled: boolean;
}

/** One row with effects on it. */
export interface Touched {
  /** In the order of their writes. */
  effects: Placed[];
  /** What the server answered with, null for a deletion, shown until the stream brings it or the row was read. */
  answer: { readonly row: AnyRow | null; readonly timer: TimerHandle } | null;
  /** How often the stream spoke of the row since its effects began. */
  heard: number;
  /** The row held, and what became of it, at the last look; `fresh` when nothing changed since. */
  held: AnyRow | undefined;
  shown: AnyRow | null;
  fresh: boolean;
}

/** A row that no effect touches yet. */
export function untouched(): Touched {
  return { effects: [], answer: null, heard: 0, held: undefined, shown: null, fresh: false };
}

/** What effects apply to: what the server answered with, else the row held. */
export function baseOf({ answer }: Touched, held: AnyRow | undefined): AnyRow | null {
  return answer === null ? (held ?? null) : answer.row;
}

/** A row after one more effect; the same object when that changes nothing. */
export function apply(row: AnyRow | null, { type, values }: Placed): AnyRow | null {
  if (type === 'INSERT') return row ?? values;
  if (type === 'DELETE' || row === null || values === null) return null;
  return Object.keys(values).every((column) => sameContent(row[column], values[column])) ? row : remade(row, (before) => ({ ...before, ...values }));
}

/** The row as it is shown already when that is equal: who renders it need not do so again. */
export function likeShown({ shown }: Touched, row: AnyRow): AnyRow {
  return shown !== null && sameRow(shown, row) ? shown : row;
}
