import { RealtimeError } from '../../errors.ts';
import type { RealtimeClient, RealtimeUser } from '../../clientTypes.ts';
import { mayPass } from '../../lib/mayPass.ts';
import type { ActionDefinition, Receipt } from '../../outbox/types.ts';

interface Response<T> {
  data: T;
  error: { message: string } | null;
  status: number;
}

/**
 * The data of a read or write through supabase-js.
 *
 * @throws RealtimeError `command/failed` when the server was not reached, is in trouble or does not accept the token, `command/rejected` when it refused.
 */
export async function command<T>(what: string, request: PromiseLike<Response<T>>): Promise<T> {
  const { data, error, status } = await request;
  if (error === null) return data;
  throw new RealtimeError(mayPass(status) ? 'command/failed' : 'command/rejected', `${what} did not happen; ${error.message}`, { cause: error });
}

/** The error of a feature that needs somebody to be signed in. */
export function noUser(what: string): RealtimeError {
  return new RealtimeError('auth/no-user', `${what} needs a signed-in person`);
}

/** The signed-in person. @throws RealtimeError `auth/no-user` */
export function requireUser({ user }: RealtimeClient, what: string): RealtimeUser {
  if (user === null) throw noUser(what);
  return user;
}

/**
 * Writes through the outbox where there is one that has the action, else at once.
 *
 * @returns the receipt once it is stored, or null once `now` is done.
 */
export async function write<Input>(realtime: RealtimeClient, action: ActionDefinition<Input>, input: Input, now: () => Promise<unknown>): Promise<Receipt<unknown> | null> {
  if (realtime.hasOutbox && realtime.outbox.has(action)) return realtime.outbox.enqueue(action, input);
  await now();
  return null;
}
