import { backoff } from '../lib/backoff.ts';
import { isAtOnce, type Machine } from './connectionMachine.ts';

/** How a lost socket is tried again. All times in ms. */
export interface ReconnectOptions {
  /** After a first retry, which is at once, channels are joined again at a random time up to this. @defaultValue `750` */
  rejoinMs?: number | undefined;
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
export function reconnectDelay(machine: Pick<Machine, 'attempt' | 'restarting'>, random: () => number, { baseMs = 20_000, capMs = 30_000 }: ReconnectOptions = {}): number {
  if (isAtOnce(machine)) return 0;
  return backoff(machine.restarting ? machine.attempt : machine.attempt - 1, { random, baseMs, capMs });
}

/**
 * Time from an open socket to its joins, in ms. Nobody can tell a cut of one client from one of a whole office, or of a node
 * of the server whose clients the others take at once. A socket costs the server little and tells whether it is there; joins
 * are what has to be spread. Retries that waited are spread already.
 */
export function rejoinDelay({ atOnce }: Pick<Machine, 'atOnce'>, random: () => number, { rejoinMs = 750 }: ReconnectOptions = {}): number {
  return atOnce ? random() * rejoinMs : 0;
}
