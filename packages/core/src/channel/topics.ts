import type { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { stableKey } from '../lib/stableKey.ts';
import type { Binding, Join, JoinHandlers, JoinRequest, Wire } from '../wire/types.ts';
import { createTableVerdicts } from './tableVerdicts.ts';
import { createRoom, type Room } from './topicRoom.ts';
import { mergedError, takeSeat, type Surroundings } from './topicSeat.ts';

/** What {@link createTopics} is made of. */
export interface TopicsParts {
  wire: Pick<Wire, 'join'>;
  clock: Clock;
  logger: Logger;
}

/** The topics of a client, each of which several channels may have at once. Made by {@link createTopics}. */
export interface Topics {
  /** Says that a channel is in use that joins with this very request, until the returned function is called. */
  want(request: JoinRequest): () => void;
  /** As {@link Wire.join}, whoever has joined the topic already. */
  join(request: JoinRequest, handlers: JoinHandlers): Join;
}

/**
 * Lets several channels have one topic, which a socket can join once only.
 *
 * Who comes later shares the join where that serves it. Tables that it does not carry get a topic of their own if the
 * channel is public, for then any topic does. Otherwise the topic is left and joined again with what all of them ask for,
 * and the others are told so with `channel/topic-merged` (docs/decisions/0009).
 */
export function createTopics({ wire, clock, logger }: TopicsParts): Topics {
  const wanted = new Set<JoinRequest>();
  const rooms = new Map<string, Room>();
  const waiting = new Map<string, Set<() => void>>();
  const verdicts = createTableVerdicts();

  const neighbours = (request: JoinRequest): JoinRequest[] =>
    [...wanted].filter((other) => other !== request && other.topic === request.topic && other.private === request.private);
  const goOn = (topic: string): void => {
    const queue = waiting.get(topic) ?? [];
    waiting.delete(topic);
    for (const place of queue) place();
  };
  const around: Surroundings = {
    room: (topic) => rooms.get(topic),
    refusal: verdicts.refusal,
    wait(topic, place) {
      const queue = waiting.get(topic) ?? new Set();
      waiting.set(topic, queue.add(place));
      return () => queue.delete(place);
    },
    createRoom(request) {
      const { topic } = request;
      const others = neighbours(request);
      // One bad table spoils the whole join, so that only those are put together which the server has taken before.
      const trusted = request.private && verdicts.refusal(request) === null ? others.filter(verdicts.confirmed) : [];
      const needs = [request, ...trusted].filter(({ bindings }) => bindings.length > 0);
      const room = createRoom({
        request: {
          ...request,
          bindings: distinct(needs.flatMap(({ bindings }) => bindings)),
          presence: request.presence ?? others.find(({ presence }) => presence !== null)?.presence ?? null,
        },
        open: (real, handlers) => wire.join(real, handlers),
        clock,
        logger,
        errorFor(error) {
          if (!isRefusal(error)) return () => error;
          const blamed = verdicts.blame(needs, error);
          return (member) => (member === blamed ? error : mergedError(topic));
        },
        onSubscribed: () => { verdicts.confirm(needs); },
        onChange: () => { if (room.settled()) goOn(topic); },
        onFree() {
          rooms.delete(topic);
          goOn(topic);
        },
      });
      rooms.set(topic, room);
      return room;
    },
    joinTables(request, handlers) {
      let n = 2;
      while (rooms.has(`${request.topic}#${String(n)}`)) n += 1;
      const apart = { topic: `${request.topic}#${String(n)}`, private: false, bindings: request.bindings, broadcasts: false, presence: null };
      return takeSeat(apart, {
        ...handlers,
        onSubscribed() {
          verdicts.confirm([request]);
          handlers.onSubscribed();
        },
        onEnded(error) {
          if (isRefusal(error)) verdicts.blame([request], error);
          handlers.onEnded(error);
        },
      }, around);
    },
  };

  return {
    want(request) {
      verdicts.pardon(request); // whoever opens the channel anew tries anew
      wanted.add(request);
      return () => wanted.delete(request);
    },
    join: (request, handlers) => takeSeat(request, handlers, around),
  };
}

function isRefusal({ code }: RealtimeError): boolean {
  return code === 'channel/subscription-failed' || code === 'channel/subscription-invalid';
}

function distinct(bindings: readonly Binding[]): Binding[] {
  return [...new Map(bindings.map((binding) => [stableKey(binding), binding])).values()];
}
