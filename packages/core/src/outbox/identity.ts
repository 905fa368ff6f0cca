import type { SupabaseClient } from '@supabase/supabase-js';
import type { Clock } from '../lib/clock.ts';
import { tokenClaims } from '../lib/tokenClaims.ts';
import { withTimeout } from '../lib/withTimeout.ts';

/** How long the app's client may take to give a token, in ms: it may have to refresh it. */
const TOKEN_TIMEOUT_MS = 10_000;

/** Who acts when the app's client sends a request. */
export interface Identity {
  /** A token of the queue's person; null when the client acts for somebody else. Rejects when it gives none in time. */
  token(): Promise<string | null>;
  /** Another token of the same person after this one was refused; null when there is none. */
  renewed(refused: string): Promise<string | null>;
}

/** Watches that a queue acts for its own person alone. `userId` null: for nobody, with the api key. */
export function createIdentity(supabase: () => SupabaseClient, userId: string | null, clock: Clock): Identity {
  const token = async (): Promise<string | null> => {
    const { realtime } = supabase();
    // What supabase-js's own requests use: the app's function, else the session's token, else the api key.
    const given = await withTimeout(Promise.resolve(realtime.accessToken?.() ?? realtime.apiKey), TOKEN_TIMEOUT_MS, clock, () => new Error('the app gave no access token in time'));
    const acting = given ?? realtime.apiKey ?? '';
    return (tokenClaims(acting)['sub'] ?? null) === userId ? acting : null;
  };
  return {
    token,
    async renewed(refused) {
      const known = await token();
      if (known !== refused) return known; // renewed meanwhile
      try {
        await withTimeout(supabase().auth.refreshSession(), TOKEN_TIMEOUT_MS, clock, () => new Error());
      } catch {
        return null; // a client with its own `accessToken` has no session to refresh
      }
      const next = await token();
      return next === refused ? null : next;
    },
  };
}
