import { validate } from '../pipeline/validate.ts';
import type { ActionDefinition, QueuedAction, StoredAction } from './types.ts';

/** Actions that become one, or none. */
export interface Folded {
  /** The first, as it is to be sent; null when they cancel each other out. */
  readonly head: StoredAction | null;
  /** Places of those that go into it. */
  readonly rest: readonly number[];
}

/** Folds a lane's unsent head with what follows it, as far as the actions say that they can be. Null when nothing folds. */
export function foldLane(waiting: readonly StoredAction[], definitionOf: (name: string) => ActionDefinition | undefined): Folded | null {
  let [head] = waiting;
  const rest: number[] = [];
  for (const next of waiting.slice(1)) {
    if (head === undefined || !isUnsent(head) || !isUnsent(next)) break;
    const made = foldTwo(definitionOf(head.name), head, next);
    if (made === null) break;
    rest.push(next.seq);
    if (made === 'nothing') return { head: null, rest };
    head = { ...head, ...made, folded: [...head.folded, next.id, ...next.folded] };
  }
  return head === undefined || rest.length === 0 ? null : { head, rest };
}

/** Whether no tab can ever have sent an action. */
export function isUnsent({ attempts, failure }: StoredAction): boolean {
  return attempts === 0 && failure === null;
}

function foldTwo(definition: ActionDefinition | undefined, earlier: StoredAction, later: StoredAction): ReturnType<NonNullable<ActionDefinition['fold']>> {
  if (definition?.fold === undefined) return null;
  const checked = validate(definition.input, earlier.input);
  return checked.ok ? definition.fold({ ...queued(earlier), input: checked.value }, queued(later)) : null;
}

function queued({ id, name, input, enqueuedAt }: StoredAction): QueuedAction {
  return { id, name, input, enqueuedAt };
}
