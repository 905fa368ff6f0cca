import type { SplicedFrames } from '../hub/outFrame.ts';
import type { ChangeAction } from './binding.ts';
import type { Condition } from './condition.ts';
import type { Reader } from './visibility.ts';

/** What the feed hands to a subscriber for one change. */
export interface DeliveredChange {
  /** Positions of the matching bindings in the request, ascending. */
  bindingIndexes: number[];
  /** The `data` object as JSON text, digits exact. */
  dataJson: string;
  /** Frames with `dataJson` inside, shared by all who get it. */
  frames: SplicedFrames;
}

/** One channel's standing request as one reader; a new caller makes a new subscriber. */
export interface Subscriber {
  readonly reader: Reader;
  /** Takes a change; does nothing once the channel unsubscribed. */
  deliver(change: DeliveredChange): void;
}

/** One binding of a subscriber on one table. */
export interface Watcher {
  subscriber: Subscriber;
  relid: number;
  bindingIndex: number;
  event: ChangeAction | '*';
  /** All must hold, and `exact` too. */
  conditions: readonly Condition[];
  /** A condition that the text of a record answers by itself. */
  exact: ExactCondition | null;
  select: readonly string[] | null;
  /** Watchers with equal keys see the same of a row. */
  viewKey: string;
}

/** `column = value`, where equal values have equal JSON. */
export interface ExactCondition {
  column: string;
  /** The column's type when this was found out; for another it says nothing. */
  sqlType: string;
  /** The value as records show it. */
  json: string;
  /** The same, to be asked of Postgres. */
  condition: Condition;
}

/** Those who may be meant by a change, and what is still to be asked about it. */
interface Candidate {
  watcher: Watcher;
  conditions: readonly Condition[];
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
  /** The column's type as SQL writes it. */
  typeOf: (column: string) => string | undefined;
  /** Its value as JSON text. */
  valueOf: (column: string) => string | undefined;
}

/** Watchers of values of one column, while it is of one type. */
interface ExactGroup {
  column: string;
  sqlType: string;
  byValue: Map<string, Set<Watcher>>;
}

/** The watchers of one table; those of exact values are found by them, so that a change costs the same however many there are. */
class TableWatchers {
  size = 0;
  readonly #others = new Set<Watcher>();
  readonly #exact = new Map<string, ExactGroup>();

  add(watcher: Watcher): void {
    const watching = this.#setOf(watcher);
    if (!watching.has(watcher)) this.size += 1;
    watching.add(watcher);
  }

  remove(watcher: Watcher): void {
    const watching = this.#setOf(watcher);
    if (watching.delete(watcher)) this.size -= 1;
    const { exact } = watcher;
    if (exact === null || watching.size > 0) return;
    const group = this.#groupOf(exact);
    group.byValue.delete(exact.json);
    if (group.byValue.size === 0) this.#exact.delete(groupKey(exact));
  }

  /** Who may be meant by a change of a row. */
  candidates(action: ChangeAction, { typeOf, valueOf }: RowView): Candidate[] {
    const candidates: Candidate[] = [];
    const take = (watchers: Iterable<Watcher>, isHeld: boolean): void => {
      for (const watcher of watchers) {
        if (watcher.event !== '*' && watcher.event !== action) continue;
        const { exact, conditions } = watcher;
        candidates.push({ watcher, conditions: isHeld || exact === null ? conditions : [...conditions, exact.condition] });
      }
    };
    take(this.#others, true);
    for (const { column, sqlType, byValue } of this.#exact.values()) {
      const value = valueOf(column);
      if (typeOf(column) === sqlType) take((value !== undefined && byValue.get(value)) || [], true);
      else for (const watchers of byValue.values()) take(watchers, false);
    }
    return candidates;
  }

  #setOf({ exact }: Watcher): Set<Watcher> {
    if (exact === null) return this.#others;
    const { byValue } = this.#groupOf(exact);
    const watching = byValue.get(exact.json) ?? new Set();
    byValue.set(exact.json, watching);
    return watching;
  }

  #groupOf(exact: ExactCondition): ExactGroup {
    const key = groupKey(exact);
    const group = this.#exact.get(key) ?? { column: exact.column, sqlType: exact.sqlType, byValue: new Map<string, Set<Watcher>>() };
    this.#exact.set(key, group);
    return group;
  }
}

function groupKey({ column, sqlType }: ExactCondition): string {
  return JSON.stringify([column, sqlType]);
}
