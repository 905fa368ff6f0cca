import type { ChannelState } from '../../channel/types.ts';
import type { RealtimeError } from '../../errors.ts';
import type { LiveState } from '../../live/types.ts';

/** How far a feature's state can be trusted; the same words as a live query's. */
export type FeatureStatus = 'idle' | 'loading' | 'live' | 'stale' | 'error';

/** What every feature's state says besides its content. */
export interface FeatureState {
  readonly status: FeatureStatus;
  /** Why the status is not `live`; null while all is well. */
  readonly error: RealtimeError | null;
  /** True only while the channel behind the feature is live. */
  readonly isConnected: boolean;
}

/** The state of a feature nobody subscribes to. */
export const idleFeature: FeatureState = { status: 'idle', error: null, isConnected: false };

const STATUS_OF = { idle: 'idle', joining: 'loading', live: 'live', reconnecting: 'stale', disconnected: 'stale', failed: 'error', closed: 'idle' } as const;

/** The feature state that a channel's state means, for features without rows. */
export function fromChannel({ status, error }: ChannelState): FeatureState {
  return { status: STATUS_OF[status], error, isConnected: status === 'live' };
}

/** The feature state that a live query and the channel behind it mean. */
export function fromLive<Row>(live: LiveState<Row>, channel: ChannelState): FeatureState {
  return { status: live.status, error: live.error, isConnected: channel.status === 'live' };
}
