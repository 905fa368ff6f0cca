import { createStore, systemClock, type Broadcast, type Change, type Channel, type ChannelDefinition, type ChannelState, type ConnectionState, type Feature, type RealtimeClient, type WritableStore } from '@ruwad/realtime-core';
import { NEVER, Observable, Subject } from 'rxjs';

/** A channel without a server: tests set its state and emit what would come over it. */
export interface FakeChannel {
  readonly topic: string;
  readonly state: WritableStore<ChannelState>;
  /** Subscriptions to its store and streams that are open now. */
  readonly holders: () => number;
  /** Subscriptions to its streams ever made. */
  readonly subscribed: () => number;
  /** What was sent, oldest first. */
  readonly sent: { event: string; payload: unknown }[];
  change(table: string, change: Change<unknown>): void;
  broadcast(message: Broadcast<string, unknown>): void;
}

/** A client without supabase-js, for unit tests of the bindings. */
export interface FakeClient {
  readonly client: RealtimeClient;
  readonly connection: WritableStore<ConnectionState>;
  /** How often `connection.reconnect` was called. */
  readonly reconnects: () => number;
  /** How often `start` was called. */
  readonly starts: () => number;
  /** Topics of the channels asked for so far. */
  readonly topics: () => string[];
  /** A channel that was asked for. @throws Error for any other topic. */
  readonly channel: (topic: string) => FakeChannel;
}

const IDLE: ConnectionState = { status: 'idle', since: 0, lost: false, attempt: 0, nextRetryAt: null, latencyMs: null, lastConnectedAt: null, reason: null };

/** A store that counts its listeners. */
export function createFakeStore<T>(initial: T): WritableStore<T> & { listeners(): number } {
  let listeners = 0;
  const store = createStore(initial);
  return {
    ...store,
    subscribe: (listener) => {
      listeners += 1;
      const unsubscribe = store.subscribe(listener);
      return () => {
        listeners -= 1;
        unsubscribe();
      };
    },
    listeners: () => listeners,
  };
}

/** Makes a client whose features and channels are shared by value, as those of the real one are. */
export function createFakeClient(): FakeClient {
  const connection = createStore(IDLE);
  const channels = new Map<string, { fake: FakeChannel; channel: Channel<ChannelDefinition> }>();
  const features = new Map<unknown, Map<string, Feature>>();
  let reconnects = 0;
  let starts = 0;

  const client = {
    user: null,
    clock: systemClock,
    connection: { store: connection, reconnect: () => (reconnects += 1), disconnect: () => undefined },
    channel: (definition: ChannelDefinition, ...params: never[]) => {
      const topic = definition.topic(...(params as [never]));
      const known = channels.get(topic) ?? createFakeChannel(definition, topic);
      channels.set(topic, known);
      return known.channel;
    },
    feature: <F extends Feature, O>(create: (realtime: RealtimeClient, options: O) => F, options: O) => {
      const made = features.get(create) ?? new Map<string, Feature>();
      features.set(create, made);
      const key = JSON.stringify(options ?? null);
      const feature = made.get(key) ?? create(client, options);
      made.set(key, feature);
      return feature as F; // made by this `create`
    },
    start: () => (starts += 1),
    dispose: () => Promise.resolve(),
  } as unknown as RealtimeClient; // the parts a binding uses; it never touches supabase-js or logger

  return {
    client,
    connection,
    reconnects: () => reconnects,
    starts: () => starts,
    topics: () => [...channels.keys()],
    channel: (topic) => {
      const known = channels.get(topic);
      if (!known) throw new Error(`No channel ${topic} was asked for, only ${[...channels.keys()].join(', ')}`);
      return known.fake;
    },
  };
}

function createFakeChannel(definition: ChannelDefinition, topic: string): { fake: FakeChannel; channel: Channel<ChannelDefinition> } {
  const state = createFakeStore<ChannelState>({ status: 'idle', previous: null, since: 0, error: null });
  const events = new Map<string, Subject<unknown>>();
  let subscriptions = 0;
  let subscribed = 0;
  const sent: FakeChannel['sent'] = [];

  const subject = (name: string) => {
    const known = events.get(name) ?? new Subject<unknown>();
    events.set(name, known);
    return known;
  };
  const stream = (name: string) =>
    new Observable((subscriber) => {
      subscriptions += 1;
      subscribed += 1;
      subscriber.add(() => (subscriptions -= 1));
      subscriber.add(subject(name).subscribe(subscriber));
    });

  return {
    fake: {
      topic,
      state,
      sent,
      holders: () => state.listeners() + subscriptions,
      subscribed: () => subscribed,
      change: (table, change) => subject(`changes ${table}`).next(change),
      broadcast: (message) => subject(`broadcast ${message.event}`).next(message),
    },
    channel: {
      definition,
      topic,
      store: state,
      status$: state.value$,
      changes$: (table: string) => stream(`changes ${table}`),
      broadcast$: (event: string) => stream(`broadcast ${event}`),
      presence$: NEVER,
      gaps$: NEVER,
      invalid$: NEVER,
      invalidCount: 0,
      send: (event: string, payload: unknown) => {
        sent.push({ event, payload });
        return Promise.resolve();
      },
      track: () => Promise.resolve(),
      untrack: () => Promise.resolve(),
    } as unknown as Channel<ChannelDefinition>, // payload types are the definition's, which a fake does not know
  };
}
