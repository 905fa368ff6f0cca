/**
 * What the operator of a Supabase project sets for Realtime, under the real server's names. A number may be `Infinity`:
 * no limit. Rates are averages over up to 60 s that are looked at every 5 s, so short bursts pass.
 */
export interface TenantSettings {
  /** Sockets that joined a channel; one more is refused its join, and the next one its handshake (429). */
  maxConcurrentUsers: number;
  /** Messages broadcast and received per second; over it the receiving channels are closed. */
  maxEventsPerSecond: number;
  /** Changes of rows handed to bindings per second; over it changes are **silently lost**. The real server takes `maxEventsPerSecond` for it too. */
  maxDbEventsPerSecond: number;
  /** Joins per second; over it a join is refused and its socket closed (1001), and handshakes are refused (429). */
  maxJoinsPerSecond: number;
  /** Channels of one socket; one more is refused. */
  maxChannelsPerClient: number;
  /** Presence messages sent and received per second; over it a channel that tracks is closed. */
  maxPresenceEventsPerSecond: number;
  /** Presence calls of one channel in `clientPresenceWindowMs`; one more closes the channel. */
  maxClientPresenceEventsPerWindow: number;
  /** In milliseconds. */
  clientPresenceWindowMs: number;
  /** Largest payload of a broadcast or a tracked presence, in kilobytes of 1,000 bytes. */
  maxPayloadSizeInKb: number;
  /** Whether public channels are refused. Changing it disconnects everybody. */
  privateOnly: boolean;
  /** Whether Realtime is switched off: handshakes are refused (403). Changing it disconnects everybody. */
  suspend: boolean;
  /** Whether a join that does not ask for presence gets it all the same. */
  presenceEnabled: boolean;
}

/** What a tenant of the real server (2.129.8) has when nobody set anything. */
export const SUPABASE_DEFAULTS: Readonly<TenantSettings> = {
  maxConcurrentUsers: 200,
  maxEventsPerSecond: 100,
  maxDbEventsPerSecond: 100,
  maxJoinsPerSecond: 100,
  maxChannelsPerClient: 100,
  maxPresenceEventsPerSecond: 1_000,
  maxClientPresenceEventsPerWindow: 5,
  clientPresenceWindowMs: 30_000,
  maxPayloadSizeInKb: 3_000,
  privateOnly: false,
  suspend: false,
  presenceEnabled: false,
};

/** {@link SUPABASE_DEFAULTS} without what depends on the project's plan: limits of all its clients together. */
export const WITHOUT_QUOTAS: Readonly<TenantSettings> = {
  ...SUPABASE_DEFAULTS,
  maxConcurrentUsers: Infinity,
  maxEventsPerSecond: Infinity,
  maxDbEventsPerSecond: Infinity,
  maxJoinsPerSecond: Infinity,
  maxPresenceEventsPerSecond: Infinity,
};

/** Nothing is counted against anybody; payloads keep their largest size. */
const OFF: Readonly<TenantSettings> = { ...WITHOUT_QUOTAS, maxChannelsPerClient: Infinity, maxClientPresenceEventsPerWindow: Infinity };

/**
 * How a server is limited: `'supabase'` as a project with default settings, `'off'` not at all, or settings of one's
 * own on top of {@link WITHOUT_QUOTAS}.
 */
export type LimitsOption = 'supabase' | 'off' | Partial<TenantSettings>;

/** The settings that an option stands for. */
export function settingsOf(limits: LimitsOption): Readonly<TenantSettings> {
  if (limits === 'supabase') return SUPABASE_DEFAULTS;
  return limits === 'off' ? OFF : { ...WITHOUT_QUOTAS, ...limits };
}
