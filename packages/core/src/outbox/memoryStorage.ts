import type { OutboxQueue, OutboxStorage, StoredAction } from './types.ts';

/** Keeps queues for the life of the page: for servers, tests, and where nothing else can be had. Tabs do not share it. */
export function memoryStorage(): OutboxStorage {
  const queues = new Map<string, Map<number, StoredAction>>();
  let last = 0;
  const queueOf = (scope: string): OutboxQueue => {
    const records = queues.get(scope) ?? new Map<number, StoredAction>();
    queues.set(scope, records);
    return {
      add(actions) {
        const places = actions.map((action) => {
          last += 1;
          records.set(last, { ...action, seq: last });
          return last;
        });
        return Promise.resolve(places);
      },
      load: (afterSeq) => Promise.resolve({ actions: [...records.values()].filter(({ seq }) => seq > afterSeq), corrupted: 0 }),
      change: (places, decide) =>
        new Promise((resolve) => {
          const found = new Map(places.flatMap((seq) => {
            const record = records.get(seq);
            return record === undefined ? [] : [[seq, record] as const];
          }));
          const { put = [], remove = [] } = decide(found); // what it throws rejects
          for (const action of put) records.set(action.seq, action);
          for (const seq of remove) records.delete(seq);
          resolve();
        }),
      close: () => undefined,
    };
  };
  return { durable: false, open: (scope) => Promise.resolve(queueOf(scope)) };
}
