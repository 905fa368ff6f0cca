import type { SupabaseClient } from '@supabase/supabase-js';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { createAttempt } from './attempt.ts';
import { defineAction } from './defineAction.ts';
import type { ActionDefinition, StoredAction } from './types.ts';

const STORED: StoredAction = { seq: 1, id: 'id', name: 'write', lane: 'write', input: null, enqueuedAt: 0, attempts: 0, folded: [], failure: null };

/** Attempts at an action whose requests answer one after the other, and whose token comes when the test says so. */
function setup(answers: readonly unknown[]) {
  const sent: string[] = [];
  const waiting: (() => void)[] = [];
  const given = <T>(value: T): Promise<T> => new Promise((resolve) => { waiting.push(() => { resolve(value); }); });
  const request = (what: string) => (): Promise<unknown> => given(answers[sent.push(what) - 1]);
  const action = defineAction({ name: 'write', input: z.null(), execute: request('execute'), applied: request('applied') });
  const attempt = createAttempt({
    supabase: () => ({}) as unknown as SupabaseClient, // the action asks nothing of it
    identity: { token: () => given('token'), renewed: () => given('renewed') },
    definitionOf: () => action as unknown as ActionDefinition, // of its own input
    isOffline: () => false,
    clock: createFakeClock(),
  });
  const next = async (): Promise<void> => {
    waiting.shift()?.();
    await settle();
  };
  return { attempt, sent, next };
}

const TOKEN_REFUSED = { data: null, error: { code: 'PGRST303' }, status: 401 };
const DUPLICATE = { data: null, error: { code: '23505' }, status: 409 };

/** What an attempt waits for, what it has sent by then, and what it was given before. */
const WAITS = [
  ['its token', [], []],
  ['its answer', ['execute'], ['token']],
  ['a renewed token', ['execute'], ['token', TOKEN_REFUSED]],
  ['the row that was there', ['execute', 'applied'], ['token', DUPLICATE]],
] as const;

test.each(WAITS)('Q5: an attempt whose turn ends while it waits for %s sends nothing more', async (_what, before, given) => {
  const { attempt, sent, next } = setup(given.slice(1));
  const turn = new AbortController();
  const outcome = attempt(STORED, turn.signal);
  for (let step = 0; step < given.length; step += 1) await next();
  turn.abort();
  await next();
  expect([await outcome, sent]).toEqual([{ type: 'aborted' }, before]);
});
