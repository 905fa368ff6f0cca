import { filter, firstValueFrom, type Observable, timeout } from 'rxjs';
import type { Store } from '../../src/index.ts';

/** The first value that satisfies the condition; rejects after 15 s, saying what was waited for. */
export function until<T>(source: Observable<T> | Store<T>, condition: (value: T) => boolean, what: string): Promise<T> {
  const values = 'value$' in source ? source.value$ : source;
  let last: T | undefined;
  return firstValueFrom(values.pipe(filter((value) => {
    last = value;
    return condition(value);
  }), timeout(15_000))).catch((cause: unknown) => {
    throw new Error(`waited in vain for ${what}; the last value was ${JSON.stringify([last]).slice(0, 500)}`, { cause });
  });
}

/** Keeps a store in use until the returned function is called. */
export function keep(store: Store<unknown>): () => void {
  return store.subscribe(() => undefined);
}
