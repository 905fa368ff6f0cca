import type { FeatureState } from '@ruwad/realtime-core/ruwad';
import { useLocale } from './context.ts';

/** Stands in for an empty list, or for one that has not arrived. */
export function Empty({ state }: { state: FeatureState }) {
  const { t } = useLocale();
  return <p className="muted">{state.status === 'loading' || state.status === 'idle' ? t.common.loading : t.common.empty}</p>;
}
