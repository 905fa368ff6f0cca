import type { RealtimeClient as SupabaseRealtime } from '@supabase/supabase-js';

/** A message as supabase-js decoded it; `join_ref` is absent in protocol 1.0.0. */
export interface Frame {
  readonly topic: string;
  readonly event: string;
  readonly payload: unknown;
  readonly joinRef: string | null;
  readonly ref: string | null;
}

/** What can be observed of a socket. */
export interface SocketObserver {
  onOpen(): void;
  onClose(code: number | null): void;
  onHeartbeat(status: string, latencyMs: number | undefined): void;
  onFrame(frame: Frame): void;
}

/** One set of observers for each supabase client, since supabase-js has a single slot for a heartbeat callback. */
const observersOf = new WeakMap<SupabaseRealtime, Set<SocketObserver>>();

/**
 * Observes the socket of a supabase client until the returned function is called.
 *
 * supabase-js passes changes on with its own conversions (a jsonb string that looks like a number becomes a number) and
 * its presence state is wrong after updates (https://github.com/supabase/supabase-js/pull/2566), so frames are taken from
 * `stateChangeCallbacks`, the socket's public registry of listeners: there they arrive decoded and otherwise as sent.
 * Nothing of supabase-js is replaced.
 */
export function observeSocket(realtime: SupabaseRealtime, observer: SocketObserver): () => void {
  const observers = observersOf.get(realtime) ?? watchHeartbeat(realtime);
  if (observers.size === 0) registerCallbacks(realtime, observers);
  observers.add(observer);
  return () => {
    observers.delete(observer);
    if (observers.size === 0) unregisterCallbacks(realtime);
  };
}

/** Clients whose own handlers are registered. */
const connectedOnce = new WeakSet<SupabaseRealtime>();

/**
 * Connects the socket. supabase-js registers its handlers anew at every connect and never takes any away; the first ones
 * do for all sockets, so later ones are dropped again, lest each reconnect makes every message cost more (no upstream issue
 * found; see docs/supabase-js.md for this and the other workarounds).
 */
export function connectSocket(realtime: SupabaseRealtime): void {
  const before = realtime.stateChangeCallbacks;
  const counts = { open: before.open.length, close: before.close.length, message: before.message.length };
  realtime.connect();
  if (connectedOnce.has(realtime)) {
    const callbacks = realtime.stateChangeCallbacks;
    for (const kind of ['open', 'close', 'message'] as const) callbacks[kind] = callbacks[kind].slice(0, counts[kind]);
  }
  connectedOnce.add(realtime);
}

const REF = 'ruwad-realtime';

function registerCallbacks(realtime: SupabaseRealtime, observers: ReadonlySet<SocketObserver>): void {
  const callbacks = realtime.stateChangeCallbacks;
  const each = (notify: (observer: SocketObserver) => void): void => {
    for (const observer of [...observers]) notify(observer);
  };
  callbacks.open.push([REF, () => { each((observer) => { observer.onOpen(); }); }]);
  callbacks.close.push([REF, (event: unknown) => { each((observer) => { observer.onClose(codeOf(event)); }); }]);
  callbacks.message.push([REF, (message: unknown) => {
    const frame = frameOf(message);
    if (frame === null) return;
    // Without a copy of the set, unlike above: this runs for every message.
    for (const observer of observers) observer.onFrame(frame);
  }]);
}

function unregisterCallbacks(realtime: SupabaseRealtime): void {
  const callbacks = realtime.stateChangeCallbacks;
  for (const kind of ['open', 'close', 'message'] as const) callbacks[kind] = callbacks[kind].filter(([ref]) => ref !== REF);
}

/** Put in once and left: supabase-js can replace its heartbeat callback but not take one out. The app's own is called first. */
function watchHeartbeat(realtime: SupabaseRealtime): Set<SocketObserver> {
  const observers = new Set<SocketObserver>();
  observersOf.set(realtime, observers);
  const ofTheApp = realtime.heartbeatCallback;
  realtime.onHeartbeat((status, latency) => {
    ofTheApp(status, latency);
    for (const observer of [...observers]) observer.onHeartbeat(status, latency);
  });
  return observers;
}

function codeOf(event: unknown): number | null {
  const code = (event as { code?: unknown } | null | undefined)?.code; // a CloseEvent in practice, but not by type
  return typeof code === 'number' ? code : null;
}

function frameOf(message: unknown): Frame | null {
  if (typeof message !== 'object' || message === null) return null;
  const { topic, event, payload, join_ref: joinRef, ref } = message as Record<string, unknown>; // an object by the check above
  if (typeof topic !== 'string' || typeof event !== 'string') return null;
  return { topic, event, payload, joinRef: typeof joinRef === 'string' ? joinRef : null, ref: typeof ref === 'string' ? ref : null };
}
