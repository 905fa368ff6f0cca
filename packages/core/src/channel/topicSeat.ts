import { RealtimeError } from '../errors.ts';
import type { Join, JoinHandlers, JoinRequest } from '../wire/types.ts';
import { placement } from './placement.ts';
import type { Member, Room, RoomShare } from './topicRoom.ts';

/** What a seat needs of the topics around it. */
export interface Surroundings {
  room(topic: string): Room | undefined;
  /** Joins the topic of a request, which nobody has. */
  createRoom(request: JoinRequest): Room;
  /** Joins a topic of their own for tables, which any public topic can carry. */
  joinTables(request: JoinRequest, handlers: JoinHandlers): Join;
  /** Calls `place` when the topic is free, or its join settled; the returned function takes that back. */
  wait(topic: string, place: () => void): () => void;
  /** Why the server refused the request's tables; null when it did not. */
  refusal(request: JoinRequest): RealtimeError | null;
}

/** The error of channels whose topic is joined again for another channel. */
export function mergedError(topic: string): RealtimeError {
  return new RealtimeError('channel/topic-merged', `"${topic}" is joined again; another channel with this topic came into use`);
}

/** One channel's join of a topic that others may have too: its part in a room, and a topic for its tables where it needs one. */
export function takeSeat(request: JoinRequest, handlers: JoinHandlers, around: Surroundings): Join {
  const { topic } = request;
  let room: Room | null = null;
  let member: Member | null = null;
  let share: RoomShare | null = null;
  let tables: Join | null = null;
  let left: Promise<void> | null = null;
  let stopWaiting = (): void => undefined;

  const leave = (): Promise<void> => {
    stopWaiting();
    left ??= Promise.all([member === null ? null : room?.leave(member), tables?.leave()]).then(() => undefined);
    return left;
  };
  const end = (error: RealtimeError): void => {
    if (left !== null) return;
    void leave();
    handlers.onEnded(error);
  };
  const endSoon = (error: RealtimeError): void => {
    queueMicrotask(() => { end(error); }); // the caller does not have the join yet
  };
  const enter = (into: Room, rides: boolean): void => {
    room = into;
    member = { request, rides, handlers: { ...handlers, onEnded: end } };
    share = into.enter(member);
    if (!rides) tables = around.joinTables(request, { ...handlers, onJoined: () => undefined, onEnded: end });
  };
  const place = (): void => {
    if (left !== null) return;
    const occupied = around.room(topic);
    const refusal = around.refusal(request);
    const decision = placement(request, occupied, refusal !== null);
    if (decision.do === 'create') enter(around.createRoom(request), true);
    else if (decision.do === 'enter' && occupied !== undefined) enter(occupied, decision.tables === 'here');
    else if (decision.do === 'tables apart') tables = around.joinTables(request, { ...handlers, onEnded: end });
    else if (decision.do === 'give up') endSoon(new RealtimeError('channel/topic-in-use', `"${topic}" cannot be joined; another channel has it joined as a ${request.private ? 'public' : 'private'} one`));
    else if (decision.do === 'stay refused' && refusal !== null) endSoon(refusal);
    else {
      stopWaiting = around.wait(topic, place);
      if (decision.do === 'merge' && occupied?.settled() === true) occupied.close(mergedError(topic));
    }
  };
  place();

  const push = (send: (share: RoomShare) => Promise<void>): Promise<void> =>
    share === null ? Promise.reject(new RealtimeError('channel/not-live', `nothing was sent; "${topic}" is not joined`)) : send(share);
  return {
    get presenceCalls() {
      return share?.presenceCalls ?? [];
    },
    send: (event, payload) => push((to) => to.send(event, payload)),
    track: (state) => push((to) => to.track(state)),
    untrack: () => push((to) => to.untrack()),
    leave,
  };
}
