import type { TestBackend } from '@ruwad/realtime-devserver/testing';
import { SARA } from './tasks.ts';

/** Sara's session, as an app has it beside supabase-js. */
export interface Session {
  /** What `accessToken` of `createClient` is to be. */
  readonly token: () => Promise<string>;
  /** Gets a new token, and tells who wants to know. */
  refresh(): Promise<void>;
  /** The same, in a while. */
  refreshIn(ms: number): void;
  onToken(listener: () => Promise<void>): void;
  end(): void;
}

export async function createSession({ server }: TestBackend): Promise<Session> {
  const sign = (): Promise<string> => server.signToken({ sub: SARA, role: 'authenticated' });
  let token = await sign();
  let tell = (): Promise<void> => Promise.resolve();
  let later: ReturnType<typeof setTimeout> | undefined;
  const refresh = async (): Promise<void> => {
    clearTimeout(later);
    token = await sign();
    await tell();
  };
  return {
    token: () => Promise.resolve(token),
    refresh,
    refreshIn(ms) {
      clearTimeout(later);
      later = setTimeout(() => void refresh(), ms);
    },
    onToken: (listener) => void (tell = listener),
    end: () => clearTimeout(later),
  };
}
