import { filter, Observable, Subject } from 'rxjs';
import type { ConnectionRunner } from '../connection/connection.ts';
import { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import { createHold } from '../lib/hold.ts';
import type { Logger } from '../lib/logger.ts';
import { validate } from '../pipeline/validate.ts';
import { createStore, holdingStore } from '../store/store.ts';
import type { Wire, WireEvent } from '../wire/types.ts';
import type { ChannelDefinition } from './defineChannel.ts';
import { joinRequest } from './joinRequest.ts';
import type { JoinBudget } from './joinBudget.ts';
import { createJoinLoop } from './joinLoop.ts';
import { parseBroadcast } from './parseBroadcast.ts';
import { parseChange, type Invalid, type Parsed } from './parseChange.ts';
import { createPresenceState } from './presenceState.ts';
import { createPresenceTracker } from './presenceTracker.ts';
import type { Topics } from './topics.ts';
import type { Broadcast, Change, Channel, Gap, InvalidPayload, PresenceMap } from './types.ts';
import { whenLive } from './whenLive.ts';

/** What a channel is made of. */
export interface ChannelParts {
  definition: ChannelDefinition;
  params: unknown;
  /** Presence key of the signed-in person; null without one. */
  userId: string | null;
  wire: Wire;
  /** Shared by all channels of the client, as the budget is. */
  topics: Topics;
  connection: ConnectionRunner;
  budget: JoinBudget;
  clock: Clock;
  logger: Logger;
  lingerMs: number;
  random?: (() => number) | undefined;
  /** Told when the channel comes into use and when it is left. */
  onActive: (active: boolean) => void;
  /** Whether another channel with the topic that is in use knows this broadcast event. */
  knownElsewhere: (topic: string, event: string) => boolean;
}

/** A channel and its end. */
export interface ChannelHandle {
  readonly channel: Channel<ChannelDefinition>;
  /** Leaves for good; resolves when the topic is left. */
  dispose(): Promise<void>;
}

/** Makes the channel of a definition and its params. Joins nothing until something subscribes. */
export function createChannel(parts: ChannelParts): ChannelHandle {
  const { definition, params, userId, wire, connection, budget, clock, logger, lingerMs, random, onActive, knownElsewhere, topics } = parts;
  const request = joinRequest(definition, params, userId);
  const { topic } = request;
  const changes = new Subject<Change<unknown>>();
  const broadcasts = new Subject<Broadcast<string, unknown>>();
  const gaps = new Subject<Gap>();
  const invalid = new Subject<InvalidPayload>();
  let invalidCount = 0;

  const reportInvalid = (payload: Invalid): void => {
    invalidCount += 1;
    logger.warn('a payload was not passed on', { topic, kind: payload.kind, event: payload.event, reason: payload.reason });
    invalid.next({ channel: topic, ...payload });
  };
  const passOn = <T>(parsed: Parsed<T>, subject: Subject<T>): void => {
    if (parsed.ok) subject.next(parsed.value);
    else reportInvalid(parsed.invalid);
  };

  const people = definition.presence === undefined ? null : createPresenceState(definition.presence, reportInvalid);
  const presence = createStore<PresenceMap<unknown>>(new Map(), { logger });
  const tracker = createPresenceTracker(clock);

  const onBroadcast = (parsed: Parsed<Broadcast<string, unknown>>): void => {
    if (!parsed.ok && parsed.invalid.reason === 'unknown-event' && knownElsewhere(topic, parsed.invalid.event)) return;
    passOn(parsed, broadcasts);
  };
  const onEvent = ({ type, payload }: WireEvent): void => {
    if (type === 'postgres_changes') passOn(parseChange(payload, definition), changes);
    else if (type === 'broadcast') onBroadcast(parseBroadcast(payload, definition));
    else if (people !== null) presence.set(type === 'presence_state' ? people.replace(payload) : people.apply(payload));
  };
  const loop = createJoinLoop({
    request, wire: { authorize: () => wire.authorize(), join: (asked, handlers) => topics.join(asked, handlers) }, connection, budget, clock, logger, random, onEvent,
    onLive: (join) => { tracker.onLive(join); },
    onGap: (gap) => { gaps.next(gap); },
  });
  // For as long as the channel lives: both are garbage together.
  loop.store.subscribe(() => {
    const { status, error } = loop.store.get();
    if (status === 'live') return;
    people?.suspend();
    tracker.onDown(status === 'failed' && error !== null ? error : undefined);
  });

  let unwant = (): unknown => undefined;
  const hold = createHold({
    clock,
    lingerMs,
    start() {
      onActive(true);
      unwant = topics.want(request);
      loop.start();
    },
    stop() {
      loop.stop();
      tracker.reset(new RealtimeError('channel/not-live', `"${topic}" was left`));
      if (people !== null) presence.set(people.reset());
      unwant();
      onActive(false);
    },
  });
  const held = <T>(source: Observable<T>): Observable<T> =>
    new Observable((subscriber) => {
      const subscription = source.subscribe(subscriber); // first, so that nothing is missed
      subscription.add(hold.acquire());
      return subscription;
    });
  const holding = async (command: () => Promise<unknown>): Promise<void> => {
    const release = hold.acquire();
    try {
      await command();
    } finally {
      release();
    }
  };
  const tracking = async (track: () => Promise<void>): Promise<void> => {
    if (userId === null) throw new RealtimeError('auth/no-user', `nobody is signed in to be present on "${topic}"`);
    const tracked = track();
    tracked.catch(() => undefined); // awaited below, unless the channel does not become live
    await holding(() => whenLive(loop, topic, clock));
    // Not held any more: a state may wait half a minute for the limit, and must not keep somebody in a room they have left.
    await tracked;
  };

  const channel: Channel<ChannelDefinition> = {
    definition,
    params: params as never, // the registry's caller gave those of this definition
    topic,
    store: holdingStore(loop.store, hold.acquire),
    status$: held(loop.store.value$),
    changes$: (table: string) => held(changes.pipe(filter((change): change is never => change.table === table))), // rows are typed by the caller's definition
    broadcast$: (event: string) => held(broadcasts.pipe(filter((message): message is never => message.event === event))), // so are payloads
    presence$: held(presence.value$), // and states
    gaps$: held(gaps),
    invalid$: held(invalid),
    reportInvalid,
    get invalidCount() {
      return invalidCount;
    },
    send: (event, payload) =>
      holding(async () => {
        const schema = definition.broadcasts[event];
        const checked = schema === undefined ? { ok: false as const, issues: [{ message: 'no such event' }] } : validate(schema, payload);
        if (!checked.ok) throw new RealtimeError('channel/payload-invalid', `"${event}" was not sent on "${topic}"; ${checked.issues.map(({ message }) => message).join(', ')}`);
        await (await whenLive(loop, topic, clock)).send(event, payload);
      }),
    track: (state) => tracking(() => tracker.track(state)),
    untrack: () => tracking(() => tracker.untrack()),
  };
  return {
    channel,
    async dispose() {
      const left = loop.dispose();
      hold.end();
      await left;
    },
  };
}
