import { asRecord } from '../lib/asRecord.ts';
import type { Logger } from '../lib/logger.ts';
import type { OptimisticEffect } from '../live/optimisticWrites.ts';
import type { ActionDefinition } from './types.ts';

/**
 * The action with functions that do not throw, since they are asked about whatever an earlier version of the app has stored: a
 * fault in one of them must not hold up the queue. Effects that cannot be told are not shown; what cannot be folded stays two.
 * `execute` and `applied` may throw: that is an answer.
 */
export function guardAction(action: ActionDefinition, logger: Logger): ActionDefinition {
  const { name, optimistic, fold } = action;
  const warn = (what: string, error: unknown): void => { logger.warn(`an action's ${what} failed`, { action: name, reason: String(error) }); };
  return {
    ...action,
    optimistic: optimistic && ((queued) => {
      try {
        return checked(optimistic(queued));
      } catch (error) {
        warn('optimistic', error);
        return [];
      }
    }),
    fold: fold && ((earlier, later) => {
      try {
        const folded = fold(earlier, later) as ReturnType<typeof fold> | undefined; // of apps without types
        return folded === 'nothing' || typeof folded?.name === 'string' ? folded : null;
      } catch (error) {
        warn('fold', error);
        return null;
      }
    }),
  };
}

function checked(effects: readonly OptimisticEffect[]): readonly OptimisticEffect[] {
  if (Array.isArray(effects) && effects.every(isEffect)) return effects as readonly OptimisticEffect[]; // as it was given
  throw new TypeError('it gave no list of effects');
}

function isEffect(effect: unknown): boolean {
  const { type, table, row, key, changes } = asRecord(effect);
  const needed = { INSERT: [row], UPDATE: [key, changes], DELETE: [key] }[type as OptimisticEffect['type']] as unknown[] | undefined; // whatever it is
  return typeof table === 'string' && needed?.every((part) => typeof part === 'object' && part !== null) === true;
}
