import { createRealtimeClient, outbox, type RealtimeClient } from '@ruwad/realtime-core';
import { ruwadActions } from '@ruwad/realtime-core/ruwad';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { ArgsOf, BindingAdapter, HookName, Mounted } from './adapter.ts';
import { startBackend, type Backend } from './backend.ts';
import { PASSWORD, people, type Person } from './people.ts';
import { createRecording, type Recording } from './recordingTransport.ts';

/** Time for a first start, which makes the database that later ones copy; beside other tests on two cores. */
const FIRST_START_MS = 180_000;

/** One person in one tab: a signed-in supabase-js client, the SDK on it, and a record of what crosses its sockets. */
interface Tab {
  readonly person: (typeof people)[Person];
  readonly supabase: SupabaseClient;
  readonly realtime: RealtimeClient;
  readonly recording: Recording;
  /** While `cut`, requests fail as they do without a network; sockets stay. */
  readonly network: { cut: boolean };
  /** Mounts a hook under this tab's client. */
  readonly mount: <N extends HookName>(name: N, ...args: ArgsOf<N>) => Mounted<N>;
}

/** How a tab is opened. */
interface TabOptions {
  lingerMs?: number;
  /** Whether the client has an outbox, in memory. @defaultValue false */
  outbox?: boolean;
}

/** What the tests of one binding play on. */
export interface Stage {
  /** Runs SQL on the database, outside row level security. */
  readonly sql: <Row = Record<string, unknown>>(query: string, params?: unknown[]) => Promise<Row[]>;
  /** Opens a tab for the running test and signs in; everything in it ends with the test. */
  readonly open: (person: Person, options?: TabOptions) => Promise<Tab>;
}

/** Starts a backend for the tests of the calling `describe`, and stops it after them. */
export function createStage(adapter: BindingAdapter): Stage {
  let running: Backend | undefined;
  const backend = () => {
    if (!running) throw new Error('The backend runs only while tests do');
    return running;
  };
  beforeAll(async () => {
    running = await startBackend();
  }, FIRST_START_MS);
  afterAll(() => running?.close());

  return {
    sql: (query, params) => backend().sql(query, params),
    open: (person, options) => openTab(adapter, backend(), people[person], options),
  };
}

let tabs = 0;

async function openTab(adapter: BindingAdapter, { url, anonKey }: Backend, person: Tab['person'], { outbox: hasOutbox = false, ...options }: TabOptions = {}): Promise<Tab> {
  const recording = createRecording();
  const network = { cut: false };
  const supabase = createClient(url, anonKey, {
    // A key of its own: tabs of one test share the page, but not the session.
    auth: { storageKey: `tab-${++tabs}`, persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    realtime: { transport: recording.transport },
    global: { fetch: (input, init) => (network.cut ? Promise.reject(new TypeError('Failed to fetch')) : fetch(input, init)) },
  });
  const { error } = await supabase.auth.signInWithPassword({ email: person.email, password: PASSWORD });
  if (error) throw error;

  const user = { id: person.id, name: person.email.split('@')[0], role: person.role };
  const realtime = createRealtimeClient({ supabase, user, ...(hasOutbox && { outbox: outbox({ actions: ruwadActions }) }), ...options });
  const mounted = new Set<{ unmount: () => void }>();
  onTestFinished(async () => {
    for (const component of mounted) component.unmount();
    await realtime.dispose();
    await supabase.realtime.disconnect();
  });

  return {
    person,
    supabase,
    realtime,
    recording,
    network,
    mount: (name, ...args) => {
      const component = adapter.mount(realtime, name, ...args);
      mounted.add(component);
      return component;
    },
  };
}
