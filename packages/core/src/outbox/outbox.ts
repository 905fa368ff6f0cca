import type { SupabaseClient } from '@supabase/supabase-js';
import type { ConnectionState } from '../connection/types.ts';
import { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import { createHold } from '../lib/hold.ts';
import type { Logger } from '../lib/logger.ts';
import type { PlatformSignals } from '../lib/platformSignals.ts';
import { createOptimisticRows, type OptimisticSource } from '../live/optimisticRows.ts';
import { createOptimisticWrites, type OptimisticWrites } from '../live/optimisticWrites.ts';
import type { Store } from '../store/store.ts';
import { createAttempt } from './attempt.ts';
import { guardAction } from './guardAction.ts';
import { createIdentity } from './identity.ts';
import { createLazyState } from './outboxState.ts';
import { memoryStorage } from './memoryStorage.ts';
import { prepareAction } from './prepareAction.ts';
import { createReachability } from './reachability.ts';
import { createReceipts } from './receipts.ts';
import { createRetryPolicy } from './retryPolicy.ts';
import { singleTab } from './singleTab.ts';
import { createTabQueue, type TabQueue } from './tabQueue.ts';
import type { ActionDefinition, AnyAction, Json, Outbox, OutboxStorage, Receipt, Tabs } from './types.ts';

/** Options of {@link outbox}. */
export interface OutboxOptions {
  /** Every action that is ever enqueued: what was stored before a reload has to find its definition. */
  readonly actions: readonly AnyAction[];
  /** @defaultValue `memoryStorage()`, which lasts as long as the page */
  readonly storage?: OutboxStorage | undefined;
  /** How tabs that share the storage agree on who sends. @defaultValue the storage's own; without, there is one tab */
  readonly tabs?: Tabs | undefined;
  /** How many lanes send at a time. @defaultValue `4` */
  readonly lanes?: number | undefined;
}

/** What the client hands to its outbox. */
interface OutboxParts {
  readonly supabase: () => SupabaseClient;
  readonly userId: string | null;
  readonly connection: Store<ConnectionState>;
  /** Where effects are shown. @defaultValue a list of its own */
  readonly writes?: OptimisticWrites | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random?: (() => number) | undefined;
  readonly signals?: PlatformSignals | undefined;
}

/** An outbox with the side that its client uses. */
export interface OutboxRunner extends Outbox, OptimisticSource {
  /** Sends nothing more; what is stored stays for a later page. */
  end(): void;
}

/** Makes the outbox of a client. */
export type OutboxFactory = (parts: OutboxParts) => OutboxRunner;

/**
 * A durable queue of writes: pass it to `createRealtimeClient`. A part of its own, so that apps without one need not load it.
 *
 * @throws TypeError when two actions have one name.
 * @example createRealtimeClient({ supabase, user, outbox: outbox({ actions: [postComment], storage: indexedDbStorage() }) })
 */
export function outbox(options: OutboxOptions): OutboxFactory {
  const named = new Map<string, AnyAction>();
  for (const action of options.actions) {
    if ((named.get(action.name) ?? action) !== action) throw new TypeError(`two actions are called "${action.name}"; what is stored would be done by one of them`);
    named.set(action.name, action);
  }
  return (parts) => createOutbox(options, parts);
}

function createOutbox({ actions, storage = memoryStorage(), tabs = storage.tabs ?? singleTab, lanes = 4 }: OutboxOptions, parts: OutboxParts): OutboxRunner {
  const { supabase, userId, connection, writes = createOptimisticWrites(), clock, logger, random = Math.random, signals } = parts;
  // Its functions see only inputs that its own schema has checked.
  const definitions = new Map(actions.map((action) => [action.name, guardAction(action as ActionDefinition, logger)]));
  const scope = userId ?? 'nobody';
  const reachability = createReachability(connection, signals);
  const receipts = createReceipts();
  let queue: TabQueue | undefined;
  let stopWatching = (): void => undefined;
  let ended = false;

  const hold = createHold({ clock, lingerMs: 0, start: () => { start(); }, stop: () => undefined });
  const state = createLazyState({
    actions: () => queue?.actions() ?? [],
    sending: (seq) => queue?.isSending(seq) ?? false,
    rest: () => ({ draining: queue?.draining ?? false, online: reachability.online, durable: queue?.durable ?? null, warning: queue?.warning ?? null }),
  }, hold.acquire, logger);
  const attempt = createAttempt({ supabase, identity: createIdentity(supabase, userId, clock), definitionOf: (name) => definitions.get(name), isOffline: () => !reachability.platform, clock });
  const onChanged = (): void => { state.changed(); };
  const started = (): TabQueue => {
    if (ended) throw new RealtimeError('client/disposed', 'nothing is sent any more; the client was disposed');
    if (queue !== undefined) return queue;
    const policy = createRetryPolicy({ clock, random, isOnline: () => reachability.platform, onDue: () => { queue?.pump(); } });
    queue = createTabQueue({ scope, storage, tabs, lanes, policy, attempt, definitionOf: (name) => definitions.get(name), receipts, writes, clock, logger, onOutcome: (outcome) => { reachability.heard(outcome); }, onChanged });
    stopWatching = reachability.watch({ onChanged, onWake: () => { queue?.wake(); } });
    return queue;
  };
  const start = (): void => {
    if (!ended) started();
  };

  return {
    store: state.store,
    start,
    has: ({ name }) => definitions.has(name),
    async enqueue<Input, Output, Given>(action: ActionDefinition<Input, Output, Given>, input: Given): Promise<Receipt<Output>> {
      const into = started();
      const definition = definitions.get(action.name);
      if (definition === undefined) throw new RealtimeError('outbox/action-unknown', `"${action.name}" was not enqueued; it is not among the outbox's actions`);
      const prepared = prepareAction(definition, input, clock.now());
      const receipt = await into.add(prepared);
      return receipt as Receipt<Output>; // of this definition
    },
    retry: async (id: string, input?: Json) => { await started().retry(id, input); },
    discard: async (id) => { await started().discard(id); },
    over: (rows) => createOptimisticRows(writes, rows),
    end() {
      if (ended) return;
      ended = true;
      stopWatching();
      queue?.end();
      receipts.end();
      hold.end();
    },
  };
}
