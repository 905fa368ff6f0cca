import type { Clock, TimerHandle } from '../lib/clock.ts';
import { asRecord } from '../lib/asRecord.ts';
import { watchPresence } from './pagePresence.ts';
import type { TabMessage, Tabs } from './types.ts';

/** How often a tab that cannot be told anything has to look by itself, in ms. */
const POLL_MS = 1_000;
const TYPES: ReadonlySet<unknown> = new Set<TabMessage['type']>(['added', 'settled', 'changed', 'missed']);

interface Scope {
  /** Null while the page is away: a message would end its place in the back/forward cache. */
  channel: BroadcastChannel | null;
  readonly listeners: Set<(message: TabMessage) => void>;
  readonly leave: () => void;
}

/** The talking part of {@link Tabs}: a BroadcastChannel for each scope somebody listens to, while the page runs. */
export function createTabChannels(name: string, clock: Clock): Pick<Tabs, 'listen' | 'post'> {
  /** One for all listeners of a scope: what this page posts does not come back to it. */
  const scopes = new Map<string, Scope>();
  const connect = (scope: string): BroadcastChannel | null => {
    try {
      const channel = new BroadcastChannel(`${name}/${scope}`);
      (channel as { unref?: () => void }).unref?.(); // Node would wait for it
      return channel;
    } catch {
      return null; // there is none here, or it may not be used: cookies are blocked
    }
  };
  const enter = (scope: string): Scope => {
    const known = scopes.get(scope);
    if (known !== undefined) return known;
    const listeners: Scope['listeners'] = new Set();
    const tell = (message: TabMessage): void => {
      for (const listener of [...listeners]) listener(message);
    };
    const listening = (): BroadcastChannel | null => {
      const channel = connect(scope);
      if (channel === null) return null;
      channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        // A tab with another version of the app may say what this one does not know.
        tell(TYPES.has(asRecord(data)['type']) ? (data as TabMessage) : { type: 'missed' }); // made by `post` of this version
      };
      channel.onmessageerror = () => { tell({ type: 'missed' }); };
      return channel;
    };
    const unwatch = watchPresence(
      () => {
        entered.channel?.close();
        entered.channel = null;
      },
      () => {
        entered.channel = listening();
        tell({ type: 'missed' });
      },
    );
    const entered: Scope = {
      channel: listening(),
      listeners,
      leave() {
        unwatch();
        entered.channel?.close();
        scopes.delete(scope);
      },
    };
    scopes.set(scope, entered);
    return entered;
  };

  return {
    listen(scope, onMessage) {
      const { listeners, leave, channel } = enter(scope);
      // One entry for each call, also of the same function.
      const listener = (message: TabMessage): void => onMessage(message);
      listeners.add(listener);
      const stopLooking = channel === null ? every(clock, POLL_MS, () => { onMessage({ type: 'missed' }); }) : undefined;
      return () => {
        stopLooking?.();
        if (listeners.delete(listener) && listeners.size === 0) leave();
      };
    },
    post(scope, message) {
      const known = scopes.get(scope)?.channel ?? null;
      const channel = known ?? connect(scope);
      if (channel === null) return;
      try {
        channel.postMessage(message);
      } catch {
        // The output cannot be cloned.
        channel.postMessage({ ...message, output: undefined });
      }
      if (known === null) channel.close();
    },
  };
}

function every(clock: Clock, periodMs: number, callback: () => void): () => void {
  let timer: TimerHandle;
  const again = (): void => {
    timer = clock.setTimeout(() => {
      callback();
      again();
    }, periodMs);
  };
  again();
  return () => { clock.clearTimeout(timer); };
}
