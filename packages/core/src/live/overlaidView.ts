import type { AnyRow, RowWindow } from './rowWindow.ts';
import { NO_KEYS } from './shownRows.ts';
import type { ListView } from './sortedList.ts';
import { apply, baseOf, likeShown, type Touched } from './touchedRow.ts';
import type { Matches } from './where.ts';

/** What {@link createOverlaidView} looks at. */
export interface OverlaidViewParts {
  window: RowWindow;
  matches: Matches;
  /** Rows with effects on them, by key; tell of every change to one by {@link OverlaidView.changed}. */
  touched: Map<string, Touched>;
}

/** The rows held with effects over some of them. */
export interface OverlaidView {
  /** The rows to show; the same view until something changed. */
  view(): ListView<AnyRow>;
  /** How many rows there are to show, the limit apart. */
  readonly size: number;
  /** Keys of rows that are shown as writes will make them; the same set until it changed. */
  readonly pendingKeys: ReadonlySet<string>;
  /** The effects on a row or its answer are others. A row that has neither is forgotten. */
  changed(key: string, row: Touched): void;
}

/**
 * Leaves out of the window's view what effects change, and puts in what they make of it. Costs nothing while no row is touched,
 * else a step for every one of them per look; the array is made when it is read.
 */
export function createOverlaidView({ window, matches, touched }: OverlaidViewParts): OverlaidView {
  /** The end of what is held: rows past it are not shown. */
  let end = window.end();
  /** Whether a row may have changed since the last look, and whether one has. */
  let dirty = false;
  let stale = false;
  let hidden: ReadonlySet<AnyRow> = new Set();
  let added: readonly AnyRow[] = [];
  let pendingKeys = NO_KEYS;
  let last: { readonly base: ListView<AnyRow>; readonly view: ListView<AnyRow> } | null = null;

  const shownOf = (row: Touched, held: AnyRow | undefined): AnyRow | null => {
    const before = baseOf(row, held);
    const after = row.effects.reduce(apply, before);
    if (after === null || (after === before && row.answer === null)) return after;
    // What cannot be told is shown: somebody here has just made it.
    return matches(after, held) !== false && window.reaches(after) ? after : null;
  };
  /** Brings every touched row up to what is held now. */
  const refresh = (): void => {
    const isSameEnd = window.end() === end;
    end = window.end();
    for (const [key, row] of touched) {
      const held = window.get(key);
      if (row.fresh && row.held === held && isSameEnd) continue;
      const next = shownOf(row, held);
      const shown = next === null || next === held ? next : likeShown(row, next);
      stale ||= row.held !== held || row.shown !== shown;
      [row.held, row.shown, row.fresh] = [held, shown, true];
      dirty = true;
    }
    if (dirty) refreshPending();
    dirty = false;
    if (!stale) return;
    stale = false;
    last = null;
    const different = [...touched.values()].filter(({ held, shown }) => shown !== (held ?? null));
    hidden = new Set(different.flatMap(({ held }) => (held === undefined ? [] : [held])));
    added = different.flatMap(({ shown }) => (shown === null ? [] : [shown]));
  };
  const refreshPending = (): void => {
    const pending = [...touched].flatMap(([key, { shown, effects }]) => (shown !== null && effects.some(({ settled }) => !settled) ? [key] : []));
    if (pending.length !== pendingKeys.size || pending.some((key) => !pendingKeys.has(key))) pendingKeys = pending.length === 0 ? NO_KEYS : new Set(pending);
  };

  return {
    view() {
      if (touched.size === 0 && !dirty && !stale) return window.view();
      refresh();
      const base = window.view(window.limit + hidden.size);
      if (hidden.size === 0 && added.length === 0) return base;
      if (last?.base !== base) last = { base, view: viewOver(base, hidden, added, window.limit, window.compare) };
      return last.view;
    },
    get size() {
      return window.size - hidden.size + added.length;
    },
    get pendingKeys() {
      return pendingKeys;
    },
    changed(key, row) {
      dirty = true;
      row.fresh = false;
      if (row.effects.length === 0 && row.answer === null && touched.get(key) === row) stale = touched.delete(key);
    },
  };
}

/** A view without some of its rows and with others, in order. Its array is made when it is read. */
function viewOver(base: ListView<AnyRow>, hidden: ReadonlySet<AnyRow>, added: readonly AnyRow[], limit: number, compare: (a: AnyRow, b: AnyRow) => number): ListView<AnyRow> {
  let made: readonly AnyRow[] | null = null;
  return {
    items() {
      if (made !== null) return made;
      const rows: AnyRow[] = [];
      const extra = [...added].sort(compare);
      let next = 0;
      for (const row of base.items()) {
        if (hidden.has(row)) continue;
        for (let one = extra[next]; one !== undefined && compare(one, row) <= 0; one = extra[(next += 1)]) rows.push(one);
        rows.push(row);
      }
      return (made = [...rows, ...extra.slice(next)].slice(0, limit));
    },
  };
}
