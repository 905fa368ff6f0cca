import { createBackgroundClock, createRealtimeClient, createStore, outbox, type Store } from '@ruwad/realtime-core';
import { indexedDbStorage } from '@ruwad/realtime-core/indexeddb';
import { ruwadActions } from '@ruwad/realtime-core/ruwad';
import { isAuthRetryableFetchError, type AuthError, type SupabaseClient } from '@supabase/supabase-js';
import { DEMO_PASSWORD } from './people.ts';
import { forgetSession } from './supabase.ts';
import { openWorkspace, type Workspace } from '../workspace/workspace.ts';

/** Why nobody is signed in although somebody was or tried to be. */
export type SessionProblem = { kind: 'unreachable' } | { kind: 'refused'; reason: string } | { kind: 'ended' };

/** Who is signed in on this tab. */
export type SessionState =
  | { status: 'restoring' }
  | { status: 'signed-out'; problem: SessionProblem | null }
  | { status: 'signing-in'; email: string }
  | { status: 'signed-in'; workspace: Workspace }
  | { status: 'signing-out' };

export interface Session {
  readonly store: Store<SessionState>;
  /** Signs in as a demo account; the outcome, good or bad, is in the store. */
  signIn(email: string): Promise<void>;
  /** Disposes the realtime client and forgets the session of this tab. */
  signOut(): Promise<void>;
}

/** Makes the session of this tab and begins to restore what it had before a reload. */
export function createSession(supabase: SupabaseClient): Session {
  const store = createStore<SessionState>({ status: 'restoring' });

  const leave = async (problem: SessionProblem | null) => {
    const state = store.get();
    store.set({ status: 'signed-out', problem });
    if (state.status === 'signed-in') await state.workspace.realtime.dispose();
  };

  const enter = async (userId: string) => {
    const workspace = await openWorkspace(supabase, userId, ({ id, name, role, avatarUrl }) =>
      createRealtimeClient({
        supabase,
        user: { id, name, role, avatarUrl: avatarUrl ?? undefined },
        clock: createBackgroundClock(),
        outbox: outbox({ actions: ruwadActions, storage: indexedDbStorage() }),
      }),
    );
    store.set({ status: 'signed-in', workspace });
  };

  const guarded = async (body: () => Promise<void>) => {
    try {
      await body();
    } catch (error) {
      const problem = problemOf(error);
      // A person who is no more would be asked for again at every reload.
      if (problem.kind === 'ended') forgetSession();
      await leave(problem);
    }
  };

  // supabase-js reports a session that could not be renewed by this event alone.
  supabase.auth.onAuthStateChange((event) => {
    if (event === 'SIGNED_OUT' && store.get().status === 'signed-in') void leave({ kind: 'ended' });
  });

  void guarded(async () => {
    const { data, error } = await supabase.auth.getSession();
    if (error) throw error;
    if (data.session) await enter(data.session.user.id);
    else await leave(null);
  });

  return {
    store,
    signIn(email) {
      store.set({ status: 'signing-in', email });
      return guarded(async () => {
        const { data, error } = await supabase.auth.signInWithPassword({ email, password: DEMO_PASSWORD });
        if (error) throw error;
        await enter(data.user.id);
      });
    },
    async signOut() {
      const state = store.get();
      // Nobody can come in before the one before is wholly out.
      store.set({ status: 'signing-out' });
      if (state.status === 'signed-in') await state.workspace.realtime.dispose();
      // Local: the same account may be signed in on another tab, which is none of this tab's business.
      const { error } = await supabase.auth.signOut({ scope: 'local' });
      // supabase-js keeps the session when the server cannot be told; who leaves this tab has left it all the same.
      if (error) forgetSession();
      store.set({ status: 'signed-out', problem: null });
    },
  };
}

/** PostgREST's code for "no row": the account has no profile any more. */
const NO_PERSON = 'PGRST116';

function problemOf(error: unknown): SessionProblem {
  const { message, name, code } = error as Partial<AuthError>;
  if (code === NO_PERSON) return { kind: 'ended' };
  const reason = message ?? String(error);
  // postgrest-js has no class for a failed fetch, only fetch's own TypeError in the text.
  return isAuthRetryableFetchError(error) || name === 'TypeError' || reason.startsWith('TypeError:') ? { kind: 'unreachable' } : { kind: 'refused', reason };
}
