import type { Binding, JoinRequest } from '../wire/types.ts';

/** What a channel does about a topic that others may have joined. */
export type Placement =
  /** Joins it. */
  | { do: 'create' }
  /** Shares the join; its tables come over it, or over a topic of their own. */
  | { do: 'enter'; tables: 'here' | 'apart' }
  /** Needs the topic's tables only, and so takes any other topic. */
  | { do: 'tables apart' }
  /** Waits until the topic is left. */
  | { do: 'wait' }
  /** Has the topic left, and joined again with what all its channels ask for. */
  | { do: 'merge' }
  /** Cannot have it: it is joined as a private channel, or as a public one. */
  | { do: 'give up' }
  /** Would spoil it for the others: the server has refused its tables. */
  | { do: 'stay refused' };

/** What {@link placement} needs to know of a joined topic. */
export interface Occupied {
  readonly request: JoinRequest;
  over(): boolean;
  covers(bindings: readonly Binding[]): boolean;
}

/**
 * Decides how a channel comes to its topic.
 *
 * @param refused - whether the server has refused the channel's tables before.
 */
export function placement(request: JoinRequest, occupied: Occupied | undefined, refused: boolean): Placement {
  const { bindings, presence, private: isPrivate, broadcasts } = request;
  if (occupied === undefined) return { do: 'create' };
  if (occupied.over()) return { do: 'wait' };
  const needsTopic = broadcasts || presence !== null || bindings.length === 0;
  const compatible = occupied.request.private === isPrivate;
  const served = compatible && occupied.covers(bindings);
  if (!isPrivate && !served && !needsTopic) return { do: 'tables apart' };
  if (!compatible) return { do: 'give up' };
  if (isPrivate && !served && refused) return { do: 'stay refused' };
  if ((presence !== null && occupied.request.presence === null) || (isPrivate && !served)) return { do: 'merge' };
  return { do: 'enter', tables: served ? 'here' : 'apart' };
}
