import { createRequire } from 'node:module';
import type BTreeClass from 'sorted-btree';
import type { ChallengeRow } from '../../core/rows.ts';
import { compareRows } from '../history.ts';
import type { Keeper } from '../keeper.ts';

type Tree = BTreeClass<ChallengeRow, ChallengeRow>;
// Its types say that it is a module with a default export, its code is CommonJS.
const { default: BTree } = createRequire(import.meta.url)('sorted-btree') as { default: typeof BTreeClass };

/**
 * The floor: a map by key and a B-tree in the list's order.
 *
 * @param views - whether every frame takes a snapshot of the tree that stays as it is, by its copy on write; else the tree
 *   changes under whoever looks.
 */
export function mapTree(views: boolean): Promise<Keeper> {
  const byKey = new Map<string, ChallengeRow>();
  const none = (): Tree => new BTree<ChallengeRow, ChallengeRow>(undefined, compareRows);
  let tree = none();
  let view = tree;
  return Promise.resolve({
    load(pages) {
      for (const row of pages.flatMap((page) => JSON.parse(page) as ChallengeRow[])) byKey.set(row.id, row);
      for (const row of byKey.values()) tree.set(row, row);
      return Promise.resolve();
    },
    arrival: ({ type, id, row }) => () => {
      const known = byKey.get(id);
      if (type === 'DELETE') {
        if (known === undefined) return;
        byKey.delete(id);
        tree.delete(known);
        return;
      }
      byKey.set(id, row);
      if (known !== undefined && compareRows(known, row) !== 0) tree.delete(known);
      tree.set(row, row);
    },
    frame() {
      view = views ? tree.clone() : tree;
    },
    rows: () => view.valuesArray(),
    unload() {
      byKey.clear();
      tree = none();
    },
  });
}
