import type { FeatureState } from '@ruwad/realtime-core/ruwad';
import type { HookName, Mounted } from './adapter.ts';

/** Waits until the hook is live. */
export const untilLive = (mounted: Pick<Mounted<HookName>, 'results'>) =>
  mounted.results.now((state: FeatureState) => state.status === 'live', 'the status to be live');

/** The statuses a hook went through, each once. */
export const statuses = (states: readonly FeatureState[]) =>
  states.map((state) => state.status).filter((status, index, all) => status !== all[index - 1]);
