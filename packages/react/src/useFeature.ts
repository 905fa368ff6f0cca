import type { Feature, RealtimeClient } from '@ruwad/realtime-core';
import { useRealtime } from './RealtimeProvider.tsx';
import { useStore } from './useStore.ts';

/**
 * The state and actions of a core feature, in one object. Components with the same `create` and `options` share one
 * feature; other options are another feature, and the state switches to it in the same render.
 *
 * @param create - a feature of `@ruwad/realtime-core/ruwad` or one of the app's own.
 * @param options - compared by value; `undefined` for a feature without options.
 * @throws RealtimeError `client/missing` outside a {@link RealtimeProvider}.
 */
export function useFeature<State extends object, Actions extends object, O>(
  create: (realtime: RealtimeClient, options: O) => Feature<State, Actions>,
  options: O,
): State & Actions {
  const feature = useRealtime().feature(create, options);
  return { ...useStore(feature.store), ...feature.actions };
}
