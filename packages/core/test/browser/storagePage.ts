import { newAction, storageContract } from '../support/storageContract.ts';
import { indexedDbStorage } from '../../src/outbox/indexedDbStorage.ts';
import type { OutboxQueue } from '../../src/outbox/types.ts';

/** What a test can have this page do with Sara's queue. */
const commands = {
  /** Gives null when the case holds, else why not. */
  async keepsPromise(name: string): Promise<string | null> {
    const found = storageContract.find((each) => each.name === name);
    // A database for each case: they expect an empty one.
    return found === undefined ? 'no such case' : found.run(indexedDbStorage({ name: `contract of ${name}` })).then(() => null, String);
  },
  /** Adds an action of so many bytes; gives the name of what went wrong. */
  add: (id: string, bytes = 10): Promise<string | null> =>
    queue.then((opened) => opened.add([newAction(id, { input: 'x'.repeat(bytes) })])).then(() => null, (error: unknown) => (error as Error).name),
  ids: async (): Promise<readonly string[]> => (await (await queue).load(0)).actions.map(({ id }) => id),
  /** Marks an action as begun, as the draining tab does before it sends; gives what went wrong. */
  begin: async (id: string): Promise<string | null> => {
    const { actions } = await (await queue).load(0);
    return (await queue).change(actions.filter((action) => action.id === id).map(({ seq }) => seq), (found) => ({ put: [...found.values()].map((action) => ({ ...action, attempts: action.attempts + 1 })) }))
      .then(() => null, (error: unknown) => (error as Error).message);
  },
  attempts: async (): Promise<readonly number[]> => (await (await queue).load(0)).actions.map((action) => action.attempts),
  /** Stands for election. */
  stand: (): void => { storage.tabs?.campaign('sara', new AbortController().signal, (leading) => { terms.push(leading); }); },
  /** Resolves when this tab leads. */
  leads: async (): Promise<void> => {
    while (terms.at(-1)?.aborted !== false) await new Promise((resolve) => { setTimeout(resolve, 5); });
  },
  isLeading: (): boolean => terms.at(-1)?.aborted === false,
};

const storage = indexedDbStorage();
const terms: AbortSignal[] = [];
const queue: Promise<OutboxQueue> = storage.open('sara');
queue.catch(() => undefined);
Object.assign(window, { commands });

declare global {
  interface Window {
    commands: typeof commands;
  }
}
