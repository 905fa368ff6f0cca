import type { Caller } from '../database/database.ts';
import type { SocketSession } from '../realtime/socket/socketSession.ts';

/** Whom a fault is for. Everything given must hold, of one channel; nothing given means everybody. */
export interface Who {
  /** The `sub` claim of the token in use. */
  userId?: string | undefined;
  /** The `role` claim of the token in use, e.g. `anon`. */
  role?: string | undefined;
  /** A channel's topic, with or without `realtime:`. */
  topic?: string | undefined;
}

const PREFIX = 'realtime:';

/** Whether a channel, or the join of one, is meant. `name` is its topic without prefix. */
export function isMeant({ userId, role, topic }: Who, { name, caller }: { name: string | null; caller: Caller }): boolean {
  if (topic !== undefined && (name === null || name !== withoutPrefix(topic))) return false;
  return (userId === undefined || caller.claims.sub === userId) && (role === undefined || caller.role === role);
}

/** Whether a socket is meant: by one of its channels, or by its API key when no topic is asked for. */
export function isSocketMeant(who: Who, { caller, channels }: Pick<SocketSession, 'caller' | 'channels'>): boolean {
  if (isMeant(who, { name: null, caller })) return true;
  return channels.some(({ name, token }) => isMeant(who, { name, caller: token.verified }));
}

function withoutPrefix(topic: string): string {
  return topic.startsWith(PREFIX) ? topic.slice(PREFIX.length) : topic;
}
