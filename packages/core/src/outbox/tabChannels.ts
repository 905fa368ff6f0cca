import type { Clock, TimerHandle } from '../lib/clock.ts';
import { asRecord } from '../lib/asRecord.ts';
import { watchPresence } from './pagePresence.ts';
import type { TabMessage, Tabs } from './types.ts';

/** How often a tab that cannot be told anything has to look by itself, in ms. */
const POLL_MS = 1_000;
const TYPES: ReadonlySet<unknown> = new Set<TabMessage['type']>(['added', 'settled', 'changed', 'missed']);

/** The talking part of {@link Tabs}: a BroadcastChannel for each scope somebody listens to. */
export function createTabChannels(name: string, clock: Clock): Pick<Tabs, 'listen' | 'post'> {
  /** One for all listeners of a scope: what this page posts does not come back to it. */
  const open = new Map<string, { readonly channel: BroadcastChannel; readonly listeners: Set<(message: TabMessage) => void> }>();
  const connect = (scope: string): BroadcastChannel => {
    const channel = new BroadcastChannel(`${name}/${scope}`);
    (channel as { unref?: () => void }).unref?.(); // Node would wait for it
    return channel;
  };
  const enter = (scope: string): NonNullable<ReturnType<typeof open.get>> => {
    const known = open.get(scope);
    if (known !== undefined) return known;
    const listeners = new Set<(message: TabMessage) => void>();
    const tell = (message: TabMessage): void => {
      for (const listener of [...listeners]) listener(message);
    };
    const channel = connect(scope);
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      // A tab with another version of the app may say what this one does not know.
      tell(TYPES.has(asRecord(data)['type']) ? (data as TabMessage) : { type: 'missed' }); // made by `post` of this version
    };
    channel.onmessageerror = () => { tell({ type: 'missed' }); };
    const entered = { channel, listeners };
    open.set(scope, entered);
    return entered;
  };

  return {
    listen(scope, onMessage) {
      const missed = (): void => onMessage({ type: 'missed' });
      const unwatch = watchPresence(() => undefined, missed);
      if (typeof BroadcastChannel === 'undefined') {
        const stop = every(clock, POLL_MS, missed);
        return () => {
          unwatch();
          stop();
        };
      }
      const { channel, listeners } = enter(scope);
      // One entry for each call, also of the same function.
      const listener = (message: TabMessage): void => onMessage(message);
      listeners.add(listener);
      return () => {
        unwatch();
        if (!listeners.delete(listener) || listeners.size > 0) return;
        channel.close();
        open.delete(scope);
      };
    },
    post(scope, message) {
      if (typeof BroadcastChannel === 'undefined') return;
      const known = open.get(scope)?.channel;
      const channel = known ?? connect(scope);
      try {
        channel.postMessage(message);
      } catch {
        // The output cannot be cloned.
        channel.postMessage({ ...message, output: undefined });
      }
      if (known === undefined) channel.close();
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
