import type { ConnectionStatus } from '@ruwad/realtime-core';
import type { FeatureStatus } from '@ruwad/realtime-core/ruwad';

/** The colour family a state is shown in. */
export type Tone = 'idle' | 'waiting' | 'live' | 'failed';

export const TONE_OF_FEATURE: Record<FeatureStatus, Tone> = { idle: 'idle', loading: 'waiting', live: 'live', stale: 'waiting', error: 'failed' };

export const TONE_OF_CONNECTION: Record<ConnectionStatus, Tone> = {
  idle: 'idle',
  connecting: 'waiting',
  open: 'live',
  reconnecting: 'waiting',
  offline: 'failed',
  closed: 'idle',
};
