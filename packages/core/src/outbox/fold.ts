import { validate } from '../pipeline/validate.ts';
import type { ActionDefinition, QueuedAction, StoredAction } from './types.ts';

type DefinitionOf = (name: string) => ActionDefinition | undefined;

/** Actions that become one, or none. */
export interface Folded {
  /** The first, as it is to be sent; null when they cancel each other out. */
  readonly head: StoredAction | null;
  /** Places of those that go into it. */
  readonly rest: readonly number[];
}

/** Folds a lane's unsent head with what follows it, as far as the actions say that they can be. Null when nothing folds. */
export function foldLane(waiting: readonly StoredAction[], definitionOf: DefinitionOf): Folded | null {
  let [head] = waiting;
  const rest: number[] = [];
  for (const next of waiting.slice(1)) {
    if (head === undefined || !isUnsent(head) || !isUnsent(next)) break;
    const made = foldTwo(definitionOf, head, next);
    if (made === null) break;
    rest.push(next.seq);
    if (made === 'nothing') return { head: null, rest };
    head = { ...head, name: made.name, input: made.input, folded: [...head.folded, next.id, ...next.folded] };
  }
  return head === undefined || rest.length === 0 ? null : { head, rest };
}

/** Whether no tab can ever have sent an action. */
export function isUnsent({ attempts, failure }: StoredAction): boolean {
  return attempts === 0 && failure === null;
}

/** What would be refused, before or after, is left to fail by itself: nothing that is right goes down with it. */
function foldTwo(definitionOf: DefinitionOf, earlier: StoredAction, later: StoredAction): ReturnType<NonNullable<ActionDefinition['fold']>> {
  const passes = ({ name, input }: Pick<StoredAction, 'name' | 'input'>): boolean => {
    const definition = definitionOf(name);
    return definition !== undefined && validate(definition.input, input).ok;
  };
  const fold = definitionOf(earlier.name)?.fold;
  if (fold === undefined || !passes(earlier) || !passes(later)) return null;
  const made = fold(queued(earlier), queued(later));
  return made === null || made === 'nothing' || passes(made) ? made : null;
}

function queued({ id, name, input, enqueuedAt }: StoredAction): QueuedAction {
  return { id, name, input, enqueuedAt };
}
