import type { SplicedFrames } from '../hub/outFrame.ts';
import type { ChangeAction } from './binding.ts';
import type { Condition } from './condition.ts';
import type { Reader } from './visibility.ts';

/** What the feed hands to a subscriber for one change. */
export interface DeliveredChange {
  /** Positions of the matching bindings in the request, ascending. */
  bindingIndexes: readonly number[];
  /** The `data` object as JSON text, digits exact. */
  dataJson: string;
  /** Frames with `dataJson` inside, shared by all who get it. */
  frames: SplicedFrames;
}

/** One channel's standing request. */
export interface Subscriber {
  /** Name of the channel, for the log and for faults. */
  readonly topic: string;
  /** Whether it still wants changes. */
  readonly active: boolean;
  /** Takes a change. */
  readonly deliver: (change: DeliveredChange) => void;
}

/** One binding of a subscriber on one table. */
export interface Watcher {
  subscriber: Subscriber;
  /** Whose rights decide; a new caller makes new watchers. */
  reader: Reader;
  relid: number;
  bindingIndex: number;
  event: ChangeAction | '*';
  /** All must hold. */
  conditions: readonly Condition[];
  select: readonly string[] | null;
  /** Watchers with equal keys see the same of a row. */
  viewKey: string;
  /** Whether its subscriber has no other, and so gets a change by it alone. */
  alone: boolean;
}

/** Whom a change means, as far as its text tells. */
export interface Candidates {
  sure: Watcher[];
  /** Those about whom Postgres has to be asked. */
  open: { watcher: Watcher; conditions: readonly Condition[] }[];
}

/** Who watches which table, in order of subscription. */
export class Watchers {
  readonly #byTable = new Map<number, TableWatchers>();

  /** Tables watched by anybody. */
  get relids(): number[] {
    return [...this.#byTable.keys()];
  }

  of(relid: number): TableWatchers | undefined {
    return this.#byTable.get(relid);
  }

  add(watchers: Iterable<Watcher>): void {
    for (const watcher of watchers) {
      const watching = this.#byTable.get(watcher.relid) ?? new TableWatchers();
      this.#byTable.set(watcher.relid, watching);
      watching.add(watcher);
    }
  }

  remove(watchers: Iterable<Watcher>): void {
    for (const watcher of watchers) {
      const watching = this.#byTable.get(watcher.relid);
      watching?.remove(watcher);
      if (watching?.size === 0) this.#byTable.delete(watcher.relid);
    }
  }
}

/** A changed row, by column. */
interface RowView {
  readonly action: ChangeAction;
  /** The column's type as SQL writes it. */
  typeOf(column: string): string | undefined;
  /** Its value as JSON text. */
  valueOf(column: string): string | undefined;
}

/** Watchers of single values of one column, while it is of one type. */
interface ValueGroup {
  column: string;
  sqlType: string;
  byValue: Map<string, Set<Watcher>>;
}

/** A condition that one value alone meets. */
interface ValueCondition {
  column: string;
  sqlType: string;
  json: string;
}

/** The watchers of one table; those of single values are found by them, so that a change costs the same however many there are. */
class TableWatchers {
  size = 0;
  readonly #others = new Set<Watcher>();
  readonly #groups = new Map<string, ValueGroup>();

  add(watcher: Watcher): void {
    const watching = this.#setOf(watcher);
    if (!watching.has(watcher)) this.size += 1;
    watching.add(watcher);
  }

  remove(watcher: Watcher): void {
    const watching = this.#setOf(watcher);
    if (watching.delete(watcher)) this.size -= 1;
    const value = valueCondition(watcher);
    if (value === null || watching.size > 0) return;
    const group = this.#groupOf(value);
    group.byValue.delete(value.json);
    if (group.byValue.size === 0) this.#groups.delete(groupKey(value));
  }

  /** Who may be meant by a change of a row: all whom its text does not rule out. */
  candidates(row: RowView): Candidates {
    const candidates: Candidates = { sure: [], open: [] };
    takeInto(candidates, this.#others, row);
    for (const { column, sqlType, byValue } of this.#groups.values()) {
      const value = row.valueOf(column);
      if (row.typeOf(column) !== sqlType) for (const watchers of byValue.values()) takeInto(candidates, watchers, row);
      else if (value !== undefined) takeInto(candidates, byValue.get(value) ?? NOBODY, row);
    }
    return candidates;
  }

  #setOf(watcher: Watcher): Set<Watcher> {
    const value = valueCondition(watcher);
    if (value === null) return this.#others;
    const { byValue } = this.#groupOf(value);
    const watching = byValue.get(value.json) ?? new Set();
    byValue.set(value.json, watching);
    return watching;
  }

  #groupOf(value: ValueCondition): ValueGroup {
    const key = groupKey(value);
    const group = this.#groups.get(key) ?? { column: value.column, sqlType: value.sqlType, byValue: new Map<string, Set<Watcher>>() };
    this.#groups.set(key, group);
    return group;
  }
}

const NOBODY: readonly Watcher[] = [];
const NONE: readonly Condition[] = [];

function takeInto({ sure, open }: Candidates, watchers: Iterable<Watcher>, row: RowView): void {
  for (const watcher of watchers) {
    if (watcher.event !== '*' && watcher.event !== row.action) continue;
    const conditions = openConditions(watcher.conditions, row);
    if (conditions === null) continue;
    if (conditions.length === 0) sure.push(watcher);
    else open.push({ watcher, conditions });
  }
}

/** The conditions that the row's text does not answer; `null` when it answers one with no. */
function openConditions(conditions: readonly Condition[], row: RowView): readonly Condition[] | null {
  let open = NONE;
  for (const condition of conditions) {
    const { local, filter } = condition;
    if (local === null || row.typeOf(filter.column) !== local.sqlType) {
      open = [...open, condition];
      continue;
    }
    const json = row.valueOf(filter.column);
    if (json === undefined || !local.passes(json)) return null;
  }
  return open;
}

/** The first condition of a watcher that one value alone meets. */
function valueCondition({ conditions }: Watcher): ValueCondition | null {
  for (const { filter, local } of conditions) {
    if (local !== null && local.only !== null) return { column: filter.column, sqlType: local.sqlType, json: local.only };
  }
  return null;
}

function groupKey({ column, sqlType }: ValueCondition): string {
  return JSON.stringify([column, sqlType]);
}
