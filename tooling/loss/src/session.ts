import type { DevServer } from '@ruwad/realtime-devserver';
import type { TokenFault } from './faults.ts';

/** Who is signed in, with a provider of tokens that the app hands to supabase-js. */
export interface Session {
  readonly userId: string;
  /** The token at hand, maybe expired; what `accessToken` of supabase-js asks for. */
  token(): Promise<string>;
  /** Calls back once there is a new token, as providers do. */
  onRefreshed(listener: () => void): void;
  end(): void;
}

const USER = '7a9b1f1e-0000-4000-8000-000000000001';
/** Lifetime of the first token when the second comes late; whole seconds, as tokens have. */
const SHORT_LIFE_S = 5;
const LATE_MS = 3_000;
/** How long a provider takes that still has to ask its server. */
const FIRST_TOKEN_MS = 1_500;

/** Begins a session of a fault; its times count from now. */
export async function createSession(server: DevServer, fault: TokenFault): Promise<Session> {
  const sign = (expiresInS: number): Promise<string> => server.signToken({ sub: USER, role: 'authenticated' }, { expiresInS });
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number, then: () => void): void => void timers.push(setTimeout(then, ms));
  const listeners: (() => void)[] = [];
  const session = { userId: USER, onRefreshed: (listener: () => void) => void listeners.push(listener), end: () => timers.forEach(clearTimeout) };
  if (fault === 'missing-at-first') {
    const first = new Promise<string>((resolve) => after(FIRST_TOKEN_MS, () => resolve(sign(3_600))));
    return { ...session, token: () => first };
  }
  let current = await sign(SHORT_LIFE_S);
  after(SHORT_LIFE_S * 1_000 + LATE_MS, () => {
    void sign(3_600).then((next) => {
      current = next;
      for (const refreshed of listeners) refreshed();
    });
  });
  return { ...session, token: () => Promise.resolve(current) };
}
