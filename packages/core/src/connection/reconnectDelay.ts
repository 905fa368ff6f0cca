import { retryDelay } from '../lib/backoff.ts';
import type { Machine } from './connectionMachine.ts';

/** How a lost socket is tried again. All times in ms. */
export interface ReconnectOptions {
  /** The second retry comes at a random time up to this; the ceiling doubles with every further one. @defaultValue `20_000` */
  baseMs?: number | undefined;
  /** Ceiling of every wait. @defaultValue `30_000` */
  capMs?: number | undefined;
}

/**
 * Time to the next retry, in ms. A lost socket is tried again at once, for most cuts concern one client. When that fails
 * the cut may concern all clients of the project, and when the server says that it restarts it does, so that there is no
 * retry at once then. A thousand clients that come back within 20 s stay under the 100 joins a second that Supabase allows
 * a project by default.
 */
export function reconnectDelay({ attempt, restarting }: Pick<Machine, 'attempt' | 'restarting'>, random: () => number, { baseMs = 20_000, capMs = 30_000 }: ReconnectOptions = {}): number {
  return retryDelay(restarting ? attempt + 1 : attempt, { random, baseMs, capMs });
}
