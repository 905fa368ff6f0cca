/** Most items of a leaf. A leaf is copied at the first write after a view was taken, so it stays small. */
const LEAF_ITEMS = 128;

/** The list as it was at one moment; its array is made when first asked for, and the same from then on. */
export interface ListView<T> {
  readonly items: () => readonly T[];
}

/**
 * Items in order, with O(log n) comparisons and a bounded move per change, and views that cost nothing until they are
 * read: leaves of an ordered two-level tree, shared between list and views until written to.
 */
export interface SortedList<T> {
  readonly size: number;
  /** Adds an item that is not in the list. */
  add(item: T): void;
  /** Removes the item that compares as equal; says whether there was one. */
  remove(item: T): boolean;
  /** Puts `next` where the item equal to it by comparison is. Says whether there was one. */
  replace(next: T): boolean;
  /** The last item. */
  last(): T | undefined;
  /** The item at a position, found in a step for every leaf before it. */
  at(position: number): T | undefined;
  /** The first `count` items as they are now. */
  view(count: number): ListView<T>;
  /** Replaces everything by items that are in order already. */
  fill(sorted: readonly T[]): void;
}

interface Leaf<T> {
  items: T[];
  /** The edition it belongs to; of an older one, some view may share it. */
  edition: number;
}

/** Makes an empty list. `compare` must be a total order: 0 for the same item only. */
export function createSortedList<T>(compare: (a: T, b: T) => number): SortedList<T> {
  let leaves: Leaf<T>[] = [];
  let edition = 0;
  let leavesEdition = 0;
  let size = 0;

  /** The first leaf whose last item is not before `item`; the one past the end if there is none. */
  const leafOf = (item: T): number => {
    let low = 0;
    for (let high = leaves.length; low < high; ) {
      const middle = (low + high) >>> 1;
      const { items } = leaves[middle] as Leaf<T>; // below their number
      if (compare(items[items.length - 1] as T, item) < 0) low = middle + 1; // no leaf of the list is empty
      else high = middle;
    }
    return low;
  };
  /** The first position of a leaf whose item is not before `item`. */
  const positionIn = (items: readonly T[], item: T): number => {
    let low = 0;
    for (let high = items.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (compare(items[middle] as T, item) < 0) low = middle + 1; // within its length
      else high = middle;
    }
    return low;
  };
  const ownLeaves = (): void => {
    if (leavesEdition === edition) return;
    leaves = [...leaves];
    leavesEdition = edition;
  };
  const ownLeaf = (at: number): Leaf<T> => {
    const leaf = leaves[at] as Leaf<T>; // callers ask for leaves there are
    if (leaf.edition === edition) return leaf;
    ownLeaves();
    return (leaves[at] = { items: leaf.items.slice(), edition });
  };
  /** Leaves that became small are joined with the next one, so that their number follows the size. */
  const shrink = (at: number): void => {
    const [leaf, next] = [leaves[at], leaves[at + 1]];
    if (leaf === undefined) return;
    if (leaf.items.length === 0) {
      ownLeaves();
      leaves.splice(at, 1);
    } else if (next !== undefined && leaf.items.length + next.items.length < LEAF_ITEMS / 2) {
      ownLeaves();
      leaves.splice(at, 2, { items: [...leaf.items, ...next.items], edition });
    }
  };

  const remove = (item: T): boolean => {
    const at = leafOf(item);
    const leaf = leaves[at];
    if (leaf === undefined) return false;
    const position = positionIn(leaf.items, item);
    if (compare(leaf.items[position] as T, item) !== 0) return false; // the leaf's last item is not before it
    ownLeaf(at).items.splice(position, 1);
    size -= 1;
    shrink(at);
    return true;
  };

  return {
    get size() {
      return size;
    },
    add(item) {
      size += 1;
      if (leaves.length === 0) {
        leaves = [{ items: [item], edition }];
        leavesEdition = edition;
        return;
      }
      const at = Math.min(leafOf(item), leaves.length - 1);
      const { items } = ownLeaf(at);
      items.splice(positionIn(items, item), 0, item);
      if (items.length <= LEAF_ITEMS) return;
      ownLeaves();
      leaves.splice(at + 1, 0, { items: items.splice(LEAF_ITEMS / 2), edition });
    },
    remove,
    replace(next) {
      const at = leafOf(next);
      const leaf = leaves[at];
      if (leaf === undefined) return false;
      const position = positionIn(leaf.items, next);
      if (compare(leaf.items[position] as T, next) !== 0) return false; // as in remove
      ownLeaf(at).items[position] = next;
      return true;
    },
    last: () => leaves.at(-1)?.items.at(-1),
    at(position) {
      let before = 0;
      for (const { items } of leaves) {
        if (position < before + items.length) return items[position - before];
        before += items.length;
      }
      return undefined;
    },
    view(count) {
      const seen = leaves;
      edition += 1;
      return viewOf(seen, Math.min(count, size));
    },
    fill(sorted) {
      edition += 1;
      leavesEdition = edition;
      size = sorted.length;
      leaves = [];
      const step = (LEAF_ITEMS * 3) / 4; // room to grow
      for (let at = 0; at < sorted.length; at += step) leaves.push({ items: sorted.slice(at, at + step), edition });
    },
  };
}

function viewOf<T>(leaves: readonly Leaf<T>[], count: number): ListView<T> {
  let source: readonly Leaf<T>[] | null = leaves;
  let made: T[] = [];
  return {
    items() {
      if (source === null) return made;
      made = new Array<T>(count);
      let at = 0;
      for (const { items } of source) {
        for (let i = 0; i < items.length && at < count; i += 1) made[at++] = items[i] as T; // within its length
        if (at === count) break;
      }
      source = null;
      return made;
    },
  };
}
