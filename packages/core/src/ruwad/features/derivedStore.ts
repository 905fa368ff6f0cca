import type { Logger } from '../../lib/logger.ts';
import { createStore, type Store } from '../../store/store.ts';
import { idleFeature, type FeatureState } from './featureState.ts';

/** A feature's store: its value is derived from other stores and from what the feature remembers itself. */
export interface DerivedStore<S> extends Store<S> {
  /** Derives again; call it when something remembered has changed. Does nothing while nobody subscribes. */
  readonly update: () => void;
}

/** Options of {@link derivedStore}. */
export interface DerivedStoreOptions<S> {
  initial: S;
  /** Stores the value depends on; subscribed to while this one is. */
  sources?: readonly Store<unknown>[];
  /** The value now. */
  derive: () => S;
  /** Further work while somebody subscribes; returns what ends it. */
  start?: () => () => void;
  logger: Logger;
}

/** Makes a feature's store. While nobody subscribes it says `idle`, whatever it said last, with the error it began with. */
export function derivedStore<S extends FeatureState>({ initial, sources = [], derive, start, logger }: DerivedStoreOptions<S>): DerivedStore<S> {
  let active = false;
  const update = (): void => {
    if (active) store.set(derive());
  };
  const store = createStore<S>(initial, {
    logger,
    start() {
      active = true;
      const stops = [...sources.map((source) => source.subscribe(update)), start?.()];
      update();
      return () => {
        active = false;
        for (const stop of stops) stop?.();
        store.set({ ...store.get(), ...idleFeature, error: initial.error });
      };
    },
  });
  return { initial, get: store.get, subscribe: store.subscribe, value$: store.value$, update };
}
