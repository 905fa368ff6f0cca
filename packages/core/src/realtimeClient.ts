import { NEVER } from 'rxjs';
import type { Feature, RealtimeClient, RealtimeClientOptions } from './clientTypes.ts';
import type { ChannelDefinition, ParamsArgs } from './channel/defineChannel.ts';
import type { Channel, ChannelState, PresenceMap } from './channel/types.ts';
import type { ConnectionState } from './connection/types.ts';
import { RealtimeError } from './errors.ts';
import { systemClock } from './lib/clock.ts';
import { silentLogger } from './lib/logger.ts';
import type { LiveState } from './live/types.ts';
import { createStore } from './store/store.ts';

/** Makes the client: the root that everything hangs on. Opens no socket and starts no timer until something subscribes. */
export function createRealtimeClient({ supabase, user = null, logger = silentLogger, clock = systemClock }: RealtimeClientOptions): RealtimeClient {
  const features = new Map<unknown, Map<string, Feature>>();
  const idleChannel = <D extends ChannelDefinition>(definition: D, topic: string): Channel<D> => {
    const store = createStore<ChannelState>({ status: 'idle', previous: null, since: 0, error: null });
    const refuse = () => Promise.reject(new RealtimeError('channel/not-live', topic));
    return {
      definition, topic, store, status$: store.value$,
      changes$: () => NEVER, broadcast$: () => NEVER, presence$: createStore<PresenceMap<never>>(new Map()).value$,
      invalid$: NEVER, invalidCount: 0, send: refuse, track: refuse, untrack: refuse,
    };
  };
  const realtime: RealtimeClient = {
    user, supabase, clock, logger,
    connection: {
      store: createStore<ConnectionState>({ status: 'idle', since: 0, attempt: 0, nextRetryAt: null, latencyMs: null, lastConnectedAt: null, reason: null }),
      reconnect() {}, disconnect() {},
    },
    channel: <D extends ChannelDefinition>(definition: D, ...params: ParamsArgs<D>) => idleChannel(definition, definition.topic(params[0] as never)),
    live: <Row>() => ({ store: createStore<LiveState<Row>>({ rows: [], status: 'idle', syncedAt: null, error: null }), refresh: () => Promise.resolve() }),
    feature: <F extends Feature, O>(create: (client: RealtimeClient, options: O) => F, options: O): F => {
      const key = JSON.stringify(options) ?? '';
      const made = features.get(create) ?? new Map<string, Feature>();
      features.set(create, made);
      const feature = made.get(key) ?? create(realtime, options);
      made.set(key, feature);
      return feature as F; // made by this creator
    },
    dispose: () => Promise.resolve(),
  };
  return realtime;
}
