import { RealtimeError } from '../errors.ts';
import { issueText } from '../lib/issueText.ts';
import { uuid7 } from '../lib/uuid7.ts';
import type { OptimisticEffect } from '../live/optimisticWrites.ts';
import { validate } from '../pipeline/validate.ts';
import type { ActionDefinition, Json, StoredAction } from './types.ts';

/** An action that can be stored, and what it shows. */
export interface PreparedAction {
  readonly record: Omit<StoredAction, 'seq'>;
  readonly effects: readonly OptimisticEffect[];
}

/**
 * Checks an input and makes the action of it.
 *
 * @throws RealtimeError `outbox/input-invalid`
 */
export function prepareAction(definition: ActionDefinition, input: unknown, now: number): PreparedAction {
  const { name } = definition;
  const stored = jsonOf(name, input);
  const checked = validate(definition.input, stored);
  if (!checked.ok) throw new RealtimeError('outbox/input-invalid', `"${name}" was not enqueued; ${issueText(checked.issues)}`, { cause: checked.issues });
  const id = uuid7(now);
  const record = { id, name, lane: laneOf(definition, checked.value), input: stored, enqueuedAt: now, attempts: 0, folded: [], failure: null };
  return { record, effects: definition.optimistic?.({ id, name, input: checked.value, enqueuedAt: now }) ?? [] };
}

/** A lane that cannot be told would be one in which nothing is ever sent. */
function laneOf({ name, lane }: ActionDefinition, input: unknown): string {
  let given: unknown;
  try {
    given = lane(input);
  } catch (cause) {
    throw new RealtimeError('outbox/input-invalid', `"${name}" was not enqueued; its lane threw`, { cause });
  }
  if (typeof given === 'string') return given;
  throw new RealtimeError('outbox/input-invalid', `"${name}" was not enqueued; its lane is no text`);
}

/** What a stored action shows, if it can be told. */
export function effectsOf(definition: ActionDefinition | undefined, { id, name, input, enqueuedAt }: StoredAction): readonly OptimisticEffect[] {
  if (definition?.optimistic === undefined) return [];
  const checked = validate(definition.input, input);
  return checked.ok ? definition.optimistic({ id, name, input: checked.value, enqueuedAt }) : [];
}

/** As the storage will give it back: what the app does to its object later is not sent. */
function jsonOf(name: string, input: unknown): Json {
  try {
    const text: unknown = JSON.stringify(input);
    return typeof text === 'string' ? (JSON.parse(text) as Json) : null; // JSON.stringify(undefined) is undefined
  } catch (cause) {
    throw new RealtimeError('outbox/input-invalid', `"${name}" was not enqueued; its input is no JSON`, { cause });
  }
}
