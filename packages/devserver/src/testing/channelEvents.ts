import { REALTIME_SUBSCRIBE_STATES, type RealtimeChannel, type RealtimePostgresChangesPayload } from '@supabase/supabase-js';
import { createEventLog, type EventLog } from './eventLog.ts';
import { withPatience } from './patience.ts';

/** Which Postgres changes to listen for, as `channel.on` takes it. */
export interface ChangesFilter {
  event: '*' | 'INSERT' | 'UPDATE' | 'DELETE';
  schema: string;
  table?: string;
  filter?: string;
}

/** A broadcast, as listeners get it. */
export interface BroadcastEvent {
  type: 'broadcast';
  event: string;
  payload: Record<string, unknown>;
}

/** A change of who is present; that of `sync` names nobody. */
export interface PresenceEvent {
  event: 'sync' | 'join' | 'leave';
  key?: string;
  newPresences?: Record<string, unknown>[];
  leftPresences?: Record<string, unknown>[];
}

/** A `system` message, such as the verdict on Postgres changes. */
export interface SystemEvent {
  extension: string;
  status: 'ok' | 'error';
  message: string;
  channel: string;
}

/** Keeps what a channel hears; each of the four forms is a listener of `channel.on`. */
export interface RecordEvents {
  /** To be called before the channel subscribes. */
  <Row extends Record<string, unknown> = Record<string, unknown>>(channel: RealtimeChannel, kind: 'postgres_changes', filter: ChangesFilter): EventLog<RealtimePostgresChangesPayload<Row>>;
  /** To be called before the channel subscribes. */
  (channel: RealtimeChannel, kind: 'presence', filter: { event: PresenceEvent['event'] }): EventLog<PresenceEvent>;
  /** `'*'` for all events. */
  (channel: RealtimeChannel, kind: 'broadcast', filter: { event: string }): EventLog<BroadcastEvent>;
  (channel: RealtimeChannel, kind: 'system', filter?: object): EventLog<SystemEvent>;
}

/** Makes the function that records, for tests of this patience. */
export function createRecordEvents(patienceMs: number): RecordEvents {
  const record = (channel: RealtimeChannel, kind: string, filter: object = {}): EventLog<never> => {
    const { log, add } = createEventLog<never>(`${kind} ${JSON.stringify(filter)} on ${channel.topic}`, patienceMs);
    // What `on` is behind its overloads, which RecordEvents has in its place.
    const listened = channel as unknown as { on(kind: string, filter: object, listener: (event: never) => void): void };
    listened.on(kind, filter, add);
    return log;
  };
  // Never is any event: the signatures say what supabase-js hands to listeners of each kind.
  return record;
}

/**
 * Subscribes a channel and resolves once everything it listens for is delivered: it has joined and, when it listens for
 * Postgres changes, the server's `system` ok has come. Until then changes are lost, by supabase-js's `SUBSCRIBED` too.
 * @throws Error with the server's reason, or when the patience is over
 */
export function waitForSubscribed(channel: RealtimeChannel, patienceMs: number): Promise<RealtimeChannel> {
  const wantsChanges = (channel.bindings['postgres_changes'] ?? []).length > 0;
  let joined = false;
  let delivers = !wantsChanges;
  const live = new Promise<RealtimeChannel>((resolve, reject) => {
    const check = () => joined && delivers && resolve(channel);
    channel.on('system', {}, ({ extension, status, message }: SystemEvent) => {
      if (extension !== 'postgres_changes') return;
      if (status === 'error') return reject(new Error(`${channel.topic} gets no Postgres changes: ${message}`));
      delivers = true;
      check();
    });
    channel.subscribe((status, error) => {
      joined = status === REALTIME_SUBSCRIBE_STATES.SUBSCRIBED;
      if (status === REALTIME_SUBSCRIBE_STATES.CHANNEL_ERROR) reject(error ?? new Error(`${channel.topic} was refused`));
      check();
    });
  });
  const seen = () => (joined ? 'it joined, but the system ok of its Postgres changes did not come' : `its state is ${channel.state}`);
  return withPatience(live, { what: `${channel.topic} to be live`, seen, patienceMs });
}
