import type { Keeper } from './keeper.ts';

/** The sides of the benchmark by name. Each is loaded in the process that runs it, and no other is. */
export const KEEPERS = {
  liveQuery: async () => (await import('./keepers/liveQuery.ts')).liveQuery(),
  channelAlone: async () => (await import('./keepers/channelAlone.ts')).channelAlone(),
  mapTree: async () => (await import('./keepers/mapTree.ts')).mapTree(false),
  treeViews: async () => (await import('./keepers/mapTree.ts')).mapTree(true),
  mapSort: async () => (await import('./keepers/mapSort.ts')).mapSort(),
  seedArray: async () => (await import('./keepers/seedArray.ts')).seedArray(false),
  sortedArray: async () => (await import('./keepers/seedArray.ts')).seedArray(true),
  tanstackDb: async () => (await import('./keepers/tanstackDb.ts')).tanstackDb(),
  rxDb: async () => (await import('./keepers/rxDb.ts')).rxDb(),
} satisfies Record<string, () => Promise<Keeper>>;

export type KeeperName = keyof typeof KEEPERS;
