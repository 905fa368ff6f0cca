import type { SupabaseClient } from '@supabase/supabase-js';
import type { ErrorCode } from '../errors.ts';
import { asRecord } from '../lib/asRecord.ts';
import type { Clock } from '../lib/clock.ts';
import { issueText } from '../lib/issueText.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import { validate } from '../pipeline/validate.ts';
import { boundClient, tracedFetch, type RequestTrace } from './boundClient.ts';
import { errorClass, errorFacts, type ErrorClass, type ErrorFacts } from './errorClass.ts';
import type { Identity } from './identity.ts';
import type { ActionDefinition, ExecuteContext, StoredAction, StoredFailure } from './types.ts';

/** How long an attempt may take, in ms; after that its outcome is not known, and it is made again. */
const ATTEMPT_TIMEOUT_MS = 30_000;

/** What came of an attempt. */
export type Outcome =
  | { readonly type: 'done'; readonly output: unknown }
  /** To be made again. `sent` tells whether the server may have done it. */
  | { readonly type: 'again'; readonly reason: Retried; readonly afterMs: number | null; readonly message: string }
  | { readonly type: 'failed'; readonly failure: StoredFailure }
  /** The outbox ended, or another tab drains now. */
  | { readonly type: 'aborted' };

/** Why an attempt is made again; `identity` when another person, or nobody, is signed in. */
export type Retried = Exclude<ErrorClass, 'duplicate' | 'refused'> | 'identity';

/** What {@link createAttempt} is made of. */
export interface AttemptParts {
  readonly supabase: () => SupabaseClient;
  readonly identity: Identity;
  readonly definitionOf: (name: string) => ActionDefinition | undefined;
  /** Whether the platform says that there is no network. */
  readonly isOffline: () => boolean;
  readonly clock: Clock;
}

interface Failed {
  readonly facts: ErrorFacts;
  readonly class: ErrorClass;
  readonly retryAfterMs: number | null;
}

type Result = { readonly output: unknown } | Failed;

/** Makes what sends one action once. The promise never rejects. */
export function createAttempt({ supabase, identity, definitionOf, isOffline, clock }: AttemptParts): (action: StoredAction, signal: AbortSignal) => Promise<Outcome> {
  const call = async (run: ActionDefinition['execute'], input: unknown, action: StoredAction, token: string, signal: AbortSignal): Promise<Result> => {
    const trace: RequestTrace = { unanswered: false, answered: false, status: null, retryAfterMs: null };
    const ending = new AbortController();
    const end = (): void => { ending.abort(); };
    // A signal tells of its abort once, which may have been while the token was awaited.
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
    const binding = { token, signal: ending.signal, trace, now: () => clock.now() };
    const client = boundClient(supabase(), binding);
    const context: ExecuteContext = { idempotencyKey: action.id, signal: ending.signal, attempts: action.attempts, fetch: tracedFetch((...request) => fetch(...request), binding) };
    const judged = (error: unknown, status: unknown): Failed => failed(withEvidence(errorFacts(error, status), trace, isOffline()), trace);
    // Async: what it throws at once is an answer as well.
    const begun = async (): Promise<unknown> => {
      if (ending.signal.aborted) throw new Error('aborted');
      return run(client, input, context);
    };
    try {
      const answer = await withTimeout(Promise.race([begun(), aborted(ending.signal)]), ATTEMPT_TIMEOUT_MS, clock, () => new TimedOut());
      return resultOf(answer, judged);
    } catch (error) {
      return judged(error, error instanceof TimedOut ? 0 : undefined);
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  };

  const execute = async (definition: ActionDefinition, input: unknown, action: StoredAction, token: string, signal: AbortSignal): Promise<Result> => {
    const result = await call(definition.execute, input, action, token, signal);
    const { applied } = definition;
    if (!('class' in result) || result.class !== 'duplicate' || applied === undefined) return result;
    const found = await call(applied, input, action, token, signal);
    return 'output' in found && found.output === null ? result : found;
  };

  const made = async (action: StoredAction, signal: AbortSignal): Promise<Outcome> => {
    const definition = definitionOf(action.name);
    if (definition === undefined) return refused('outbox/action-unknown', `no action is called "${action.name}"`, clock.now());
    let token = await identity.token();
    if (token === null) return { type: 'again', reason: 'identity', afterMs: null, message: 'the person of this queue is not signed in' };
    const checked = validate(definition.input, action.input);
    if (!checked.ok) return refused('outbox/input-invalid', `the input of "${action.name}" is not valid any more; ${issueText(checked.issues)}`, clock.now());
    let result = await execute(definition, checked.value, action, token, signal);
    if ('class' in result && result.class === 'token' && !signal.aborted) {
      token = await identity.renewed(token);
      if (token !== null) result = await execute(definition, checked.value, action, token, signal);
    }
    return outcomeOf(result, clock.now());
  };

  return async (action, signal) => {
    const outcome = await made(action, signal).catch((error: unknown): Outcome => ({ type: 'again', reason: 'token', afterMs: null, message: String(error) }));
    // What was done is done; all else says nothing of an attempt that was not let finish.
    return signal.aborted && outcome.type !== 'done' ? { type: 'aborted' } : outcome;
  };
}

/** Rejects when the signal aborts: what does not heed it is not waited for. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(new Error('aborted'));
    else signal.addEventListener('abort', () => { reject(new Error('aborted')); }, { once: true });
  });
}

class TimedOut extends Error {
  override readonly message = `there was no answer within ${String(ATTEMPT_TIMEOUT_MS)} ms`;
}

/** A supabase-js response is `{ data, error }`; anything else is the output itself. */
function resultOf(answer: unknown, judged: (error: unknown, status: unknown) => Failed): Result {
  const response = asRecord(answer);
  if (!('data' in response && 'error' in response)) return { output: answer };
  return response['error'] === null ? { output: response['data'] } : judged(response['error'], response['status']);
}

/**
 * Of an error without a status, thrown or given, others know more: the requests, whether one stayed without an answer or what it
 * was, and the platform, for requests that the attempt did not see: without a network nothing is refused for good.
 */
function withEvidence(facts: ErrorFacts, { unanswered, answered, status }: RequestTrace, offline: boolean): ErrorFacts {
  return { ...facts, status: facts.status ?? (unanswered || (offline && !answered && facts.code === null) ? 0 : status) };
}

function failed(facts: ErrorFacts, { retryAfterMs }: RequestTrace): Failed {
  return { facts, class: errorClass(facts), retryAfterMs };
}

function outcomeOf(result: Result, at: number): Outcome {
  if ('output' in result) return { type: 'done', output: result.output };
  const { facts, class: errorKind, retryAfterMs } = result;
  if (errorKind !== 'refused' && errorKind !== 'duplicate') return { type: 'again', reason: errorKind, afterMs: retryAfterMs, message: facts.message };
  const { status, code, message, details, hint } = facts;
  return { type: 'failed', failure: { code: 'outbox/failed', status: status ?? 0, serverCode: code, message, details, hint, at } };
}

function refused(code: ErrorCode, message: string, at: number): Outcome {
  return { type: 'failed', failure: { code, status: 0, serverCode: null, message, details: null, hint: null, at } };
}
