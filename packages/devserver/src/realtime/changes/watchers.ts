import type { ChangeAction } from './binding.ts';
import type { Filter } from './filter.ts';
import type { Reader } from './visibility.ts';

/** What the feed hands to a subscriber for one change. */
export interface DeliveredChange {
  /** Positions of the matching bindings in the request, ascending. */
  bindingIndexes: number[];
  /** The `data` object as JSON text, digits exact. */
  dataJson: string;
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
  filters: readonly Filter[];
  select: readonly string[] | null;
}

/** Who watches which table, in order of subscription. */
export class Watchers {
  readonly #byTable = new Map<number, Set<Watcher>>();

  /** Tables watched by anybody. */
  get relids(): number[] {
    return [...this.#byTable.keys()];
  }

  of(relid: number): Iterable<Watcher> {
    return this.#byTable.get(relid) ?? [];
  }

  add(watchers: Iterable<Watcher>): void {
    for (const watcher of watchers) {
      const watching = this.#byTable.get(watcher.relid) ?? new Set();
      this.#byTable.set(watcher.relid, watching.add(watcher));
    }
  }

  remove(watchers: Iterable<Watcher>): void {
    for (const watcher of watchers) {
      const watching = this.#byTable.get(watcher.relid);
      watching?.delete(watcher);
      if (watching?.size === 0) this.#byTable.delete(watcher.relid);
    }
  }
}
