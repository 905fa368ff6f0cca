import type { ActionDefinition } from './types.ts';

/** The output in an answer: `data` of a supabase-js response, else the answer itself. */
export type AnswerOutput<Result> = Result extends { readonly data: infer Data; readonly error: unknown } ? (Result extends { readonly error: null } ? Data : never) : Result;

/** What {@link defineAction} takes; `lane` may be left out. */
export interface ActionOptions<Input, Result, Given = Input> extends Omit<ActionDefinition<Input, unknown, Given>, 'lane' | 'execute'> {
  readonly execute: (...args: Parameters<ActionDefinition<Input>['execute']>) => PromiseLike<Result>;
  readonly lane?: ((input: Input) => string) | undefined;
}

/**
 * Declares a kind of write. `execute` may run more than once for one action, so let it write what is right to write twice:
 * a row under a key that the input carries, or a value, rather than a sum.
 *
 * Actions of one lane run in order. Without `lane` all actions of one name do.
 *
 * @example
 * const postComment = defineAction({
 *   name: 'post-comment',
 *   input: z.object({ id: z.uuid(), challenge_id: z.uuid(), content: z.string() }),
 *   lane: ({ id }) => `challenge_comments:${id}`,
 *   execute: (supabase, row) => supabase.from('challenge_comments').upsert(row, { onConflict: 'id', ignoreDuplicates: true }),
 * });
 */
export function defineAction<Input, Result, Given = Input>({ lane, ...definition }: ActionOptions<Input, Result, Given>): ActionDefinition<Input, AnswerOutput<Result>, Given> {
  const action = { ...definition, lane: lane ?? (() => definition.name) };
  return action as ActionDefinition<Input, AnswerOutput<Result>, Given>; // a result is an answer with its own output
}
