import { RealtimeError } from '../errors.ts';
import { asRecord } from '../lib/asRecord.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { stableKey } from '../lib/stableKey.ts';
import type { Binding, Join, JoinHandlers, JoinRequest, WireEvent } from '../wire/types.ts';
import { presenceWaitMs } from './presenceBudget.ts';
import { createPresenceRelay } from './presenceRelay.ts';

/** A channel's part in a room. */
export interface Member {
  readonly request: JoinRequest;
  readonly handlers: JoinHandlers;
  /** Whether its tables come over this topic, and not over one of their own. */
  readonly rides: boolean;
}

/** The commands of a channel in a room. */
export type RoomShare = Pick<Join, 'send' | 'track' | 'untrack' | 'presenceCalls'>;

/** One joined topic, and the channels that share it. Made by {@link createRoom}. */
export interface Room {
  /** What the topic was joined with. */
  readonly request: JoinRequest;
  /** Whether these tables come over it. */
  covers(bindings: readonly Binding[]): boolean;
  /** Whether the server has said all that it says about a join. */
  settled(): boolean;
  /** Whether it has ended, and the topic is being left. */
  over(): boolean;
  /** Takes a channel in, which is told what it has missed: that the topic is joined, and who is present. */
  enter(member: Member): RoomShare;
  /** Lets a channel go; resolves when the topic is free or remains for others. */
  leave(member: Member): Promise<void>;
  /** Leaves the topic and ends it for everybody. */
  close(error: RealtimeError): void;
}

/** What {@link createRoom} is made of. */
export interface RoomParts {
  request: JoinRequest;
  open: (request: JoinRequest, handlers: JoinHandlers) => Join;
  clock: Clock;
  logger: Logger;
  /** The error that the end of the room is for one of its channels. */
  errorFor: (error: RealtimeError) => (member: JoinRequest) => RealtimeError;
  /** The replication subscription stands. */
  onSubscribed: () => void;
  /** Somebody may be able to enter who was not before. */
  onChange: () => void;
  /** The topic can be joined again. */
  onFree: () => void;
}

/** Joins a topic for as long as a channel is in it. Broadcasts and presence go to all of them, changes to those who asked for them. */
export function createRoom({ request, open, clock, logger, errorFor, onSubscribed, onChange, onFree }: RoomParts): Room {
  /** Replaced, never changed: a message goes to those who were there when it came. */
  let members: readonly Member[] = [];
  let joined = false;
  let subscribed = request.bindings.length === 0;
  let ids: readonly number[] | undefined;
  let idsOf = new Map<Member, ReadonlySet<number> | null>();
  let freed: Promise<void> | null = null;
  /** Whose presence state is shared. */
  let present: Member | null = null;
  let untracking: TimerHandle | undefined;
  const keys = request.bindings.map(stableKey);
  const people = createPresenceRelay();
  const presenceCalls: number[] = [];

  const each = (tell: (member: Member) => void): void => {
    for (const member of members) if (members.includes(member)) tell(member);
  };
  /** The ids of a channel's own bindings; null when all of the room's are. */
  const routeOf = ({ request: { bindings } }: Member): ReadonlySet<number> | null => {
    if (ids === undefined || bindings.length === keys.length) return null;
    return new Set(bindings.flatMap((binding) => ids?.[keys.indexOf(stableKey(binding))] ?? []));
  };
  const concerns = (member: Member, payload: unknown): boolean => {
    if (!member.rides) return false;
    const own = idsOf.get(member) ?? null;
    if (own === null) return true;
    const { ids: matched } = asRecord(payload);
    return Array.isArray(matched) && matched.some((id) => own.has(id as number)); // a set of numbers has nothing else
  };
  const end = (error: RealtimeError): void => {
    if (freed !== null) return;
    const ofMember = errorFor(error);
    void free();
    const ended = members;
    members = [];
    for (const { request: asked, handlers } of ended) handlers.onEnded(ofMember(asked));
  };
  const free = (): Promise<void> => {
    if (untracking !== undefined) clock.clearTimeout(untracking);
    freed ??= join.leave().catch((error: unknown) => {
      logger.warn('a topic could not be left', { topic: request.topic, reason: String(error) });
    }).then(onFree);
    return freed;
  };

  const join = open(request, {
    onJoined(bindingIds) {
      joined = true;
      ids = bindingIds;
      idsOf = new Map(members.map((member) => [member, routeOf(member)]));
      each(({ handlers }) => { handlers.onJoined(); });
      onChange();
    },
    onSubscribed() {
      subscribed = true;
      onSubscribed();
      each(({ rides, handlers }) => { if (rides) handlers.onSubscribed(); });
      onChange();
    },
    onResubscribed() {
      each(({ rides, handlers }) => { if (rides) handlers.onResubscribed(); });
    },
    onEvent(event: WireEvent) {
      if (event.type === 'presence_state' || event.type === 'presence_diff') people.note(event);
      for (const member of members) {
        if (event.type !== 'postgres_changes' || concerns(member, event.payload)) member.handlers.onEvent(event);
      }
    },
    onEnded: end,
  });

  /** A state whose channel left goes as soon as the limit of calls allows; another channel's replaces it. */
  const untrackLater = (): void => {
    if (untracking !== undefined) clock.clearTimeout(untracking);
    untracking = clock.setTimeout(() => {
      if (present !== null || freed !== null) return;
      presenceCalls.push(clock.now());
      join.untrack().catch((error: unknown) => {
        logger.warn('a presence state could not be taken back', { topic: request.topic, reason: String(error) });
      });
    }, presenceWaitMs(presenceCalls, clock.now()));
  };
  const share = (member: Member): RoomShare => ({
    presenceCalls,
    send: (event, payload) => join.send(event, payload),
    async track(state) {
      if (present !== null && present !== member) throw new RealtimeError('channel/presence-in-use', `the state was not shared; another channel with the topic "${request.topic}" shares one`);
      present = member;
      await join.track(state);
    },
    async untrack() {
      if (present !== member) return;
      await join.untrack();
      if (present === member) present = null;
    },
  });

  return {
    request,
    covers: (bindings) => bindings.every((binding) => keys.includes(stableKey(binding))),
    settled: () => joined && (subscribed || !members.some(({ rides }) => rides)),
    over: () => freed !== null,
    enter(member) {
      members = [...members, member];
      idsOf.set(member, routeOf(member));
      // Not before its join has been returned.
      if (joined) queueMicrotask(() => {
        const tell = (action: () => void): void => { if (members.includes(member)) action(); };
        tell(() => { member.handlers.onJoined(); });
        if (member.rides && subscribed) tell(() => { member.handlers.onSubscribed(); });
        const state = member.request.presence === null ? null : people.state();
        if (state !== null) tell(() => { member.handlers.onEvent(state); });
      });
      return share(member);
    },
    leave(member) {
      if (!members.includes(member)) return freed ?? Promise.resolve();
      members = members.filter((other) => other !== member);
      idsOf.delete(member);
      if (members.length === 0) return free();
      if (present === member) {
        present = null;
        untrackLater();
      }
      onChange();
      return Promise.resolve();
    },
    close: end,
  };
}
