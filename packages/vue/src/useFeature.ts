import type { Feature, RealtimeClient } from '@ruwad/realtime-core';
import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue';
import { useRealtime } from './realtimePlugin.ts';
import { useStore } from './useStore.ts';

/** What a composable returns: one readonly ref per field of the feature's state, and its actions. */
export type FeatureRefs<State extends object, Actions extends object> = { readonly [K in keyof State]: ComputedRef<State[K]> } & Actions;

type Callable = Record<string, (...args: unknown[]) => unknown>;

/**
 * The state and actions of a core feature. Components with the same `create` and `options` share one feature.
 *
 * @param create - a feature of `@ruwad/realtime-core/ruwad` or one of the app's own. Its state has every field from the
 * start, and its actions are functions.
 * @param options - compared by value; when a ref or getter gives others, refs and actions go over to that feature.
 * `undefined` for a feature without options.
 * @throws RealtimeError `client/missing` when no client was provided.
 */
export function useFeature<State extends object, Actions extends object, O>(
  create: (realtime: RealtimeClient, options: O) => Feature<State, Actions>,
  options: MaybeRefOrGetter<O>,
): FeatureRefs<State, Actions> {
  const realtime = useRealtime();
  const feature = computed(() => realtime.feature(create, toValue(options)));
  const state = useStore(() => feature.value.store);
  const refs = mapKeys(state.value, (field) => computed(() => state.value[field]));
  const actions = mapKeys(feature.value.actions, (name) => (...args: unknown[]) => (feature.value.actions as Callable)[name]?.(...args));
  // One ref per field and one function per action were just made.
  return { ...refs, ...actions } as FeatureRefs<State, Actions>;
}

function mapKeys<T extends object, R>(source: T, make: (key: keyof T & string) => R): Record<string, R> {
  return Object.fromEntries((Object.keys(source) as (keyof T & string)[]).map((key) => [key, make(key)]));
}
