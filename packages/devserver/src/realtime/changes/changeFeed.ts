import type { Caller, Database } from '../../database/database.ts';
import type { Logger } from '../../logger.ts';
import type { Time, Timers } from '../../lib/time.ts';
import type { ChannelSubject, RealtimeSeams } from '../seams.ts';
import { parseBinding, type Binding, type ParsedBinding } from './binding.ts';
import { CaptureGate } from './captureGate.ts';
import { ChangeLog, NOTIFY_CHANNEL, SCHEMA_CHANGED, type CapturedChange } from './changeLog.ts';
import { deliverChanges } from './deliverChanges.ts';
import { publishedTables } from './publication.ts';
import { checkBinding, failedText } from './subscriptionCheck.ts';
import { TableCache } from './tableInfo.ts';
import { throughTaps, type Delivery } from './tap.ts';
import type { RateMeter, Tenant } from '../tenant/index.ts';
import type { Reader } from './visibility.ts';
import { watcherOf } from './watcherOf.ts';
import { Watchers, type DeliveredChange, type Subscriber, type Watcher } from './watchers.ts';
import { loggable } from '../../errors.ts';

/** What the feed is made of. */
export interface ChangeFeedOptions {
  db: Database;
  logger: Logger;
  time: Time;
  seams: Pick<RealtimeSeams, 'subscribe' | 'changes'>;
  /** Its rate counts changes handed to bindings; while that is exceeded, changes are lost without a word. */
  tenant: Tenant;
}

/** All `postgres_changes` bindings of one channel. */
export interface SubscribeRequest {
  bindings: readonly Binding[];
  /** Whose rights decide what is delivered. */
  caller: Caller;
  /** Name of the channel, for the log. */
  topic: string;
  /** Whether nobody wants the subscription any more: its bindings are checked no further. */
  isOver?(): boolean;
  /** Gets each change in commit order; one that throws is logged and affects nobody else. */
  deliver: (change: DeliveredChange) => void;
  /** Hears the outcome of checks after the first: after `setCaller`, and whenever the publication changed. */
  onVerdict?(verdict: Verdict): void;
}

/** Whether bindings hold, with the real server's text if they do not. */
export type Verdict = { ok: true } | { ok: false; message: string };

/** What comes of asking for a subscription; one that the database failed on is worth another try. */
type Subscribed = { ok: true; subscription: Subscription } | { ok: false; message: string; tryAgain?: true };

/** A subscription that holds until it is ended. */
export interface Subscription {
  /** Reads as another caller once its bindings are checked; until then with the rights it had. */
  setCaller(caller: Caller): void;
  /** Nothing is delivered after this. Safe to call twice. */
  unsubscribe(): void;
}

/** Row changes of the published tables, to whoever subscribed and may see them. */
export interface ChangeFeed {
  /** Begins to listen; changes made before are not delivered. */
  start(): Promise<void>;
  /** Stops for good, after the batch in delivery. */
  close(): Promise<void>;
  /** Checks and takes on all bindings of a channel; one that cannot be served refuses all. */
  subscribe(request: SubscribeRequest): Promise<Subscribed>;
  /** Resolves once everything committed so far has gone where it goes. */
  settled(): Promise<void>;
  /** Checks every subscription again, now, and says so to its channel; resolves to their number. */
  recheck(): Promise<number>;
}

/** How often the publication is compared with what it was, in ms: the real server's interval. */
const RECHECK_MS = 60_000;
/** How long a table is captured after its last watcher left, in ms. */
const SHUT_AFTER_MS = 5_000;
/** Changes that are worked on together; a larger transaction comes in several lots. */
const BATCH_SIZE = 500;

/** Creates the engine behind `postgres_changes`. */
export function createChangeFeed(options: ChangeFeedOptions): ChangeFeed {
  return new Feed(options);
}

class Feed implements ChangeFeed {
  readonly #db: Database;
  readonly #logger: Logger;
  readonly #timers: Timers;
  readonly #rate: RateMeter;
  readonly #tables: TableCache;
  readonly #watchers = new Watchers();
  readonly #log: ChangeLog;
  readonly #gate: CaptureGate;
  readonly #standing = new Set<Standing>();
  readonly #seams: ChangeFeedOptions['seams'];
  /** What the batch in work leads to, while taps are to see it. */
  #tapped: Delivery[] = [];
  #stopListening: (() => Promise<void>) | null = null;
  #draining: Promise<void> | null = null;
  #closed = false;
  #published = '';
  #isShutting = false;

  constructor({ db, logger, time, seams, tenant }: ChangeFeedOptions) {
    this.#seams = seams;
    this.#rate = tenant.rates.maxDbEventsPerSecond;
    this.#db = db;
    this.#logger = logger;
    this.#timers = time.timers();
    this.#tables = new TableCache(db);
    this.#log = new ChangeLog(db);
    this.#gate = new CaptureGate(db);
  }

  async start(): Promise<void> {
    await this.#log.begin();
    this.#published = await publishedTables(this.#db);
    await this.#gate.only([]);
    this.#stopListening = await this.#db.listen(NOTIFY_CHANNEL, (notification) => this.#hear(notification));
    this.#timers.every(RECHECK_MS, () => void this.#comparePublication().catch((error: unknown) => this.#report('checking the publication failed', error)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timers.clear();
    await this.#draining;
    await this.#stopListening?.();
  }

  async settled(): Promise<void> {
    this.#drainSoon();
    await this.#draining;
  }

  async recheck(): Promise<number> {
    await this.#readPublication();
    await this.#renewAll();
    return this.#standing.size;
  }

  async subscribe(request: SubscribeRequest): Promise<Subscribed> {
    const bindings: ParsedBinding[] = [];
    for (const params of request.bindings) {
      const parsed = parseBinding(params);
      if (!parsed.ok) return parsed;
      bindings.push(parsed.binding);
    }
    const exception = this.#seams.subscribe.steps === null ? null : await this.#failure({ name: request.topic, caller: request.caller });
    const [first] = bindings;
    if (exception !== null && first !== undefined) return { ok: false, message: failedText(first, exception), tryAgain: true };
    const { topic, caller, deliver } = request;
    const standing: Standing = { request, topic, deliver, bindings, caller, watchers: [], active: true };
    const verdict = await this.#watch(standing, request.caller);
    if (!verdict.ok) return verdict;
    this.#standing.add(standing);
    return { ok: true, subscription: { setCaller: (caller) => this.#setCaller(standing, caller), unsubscribe: () => this.#unsubscribe(standing) } };
  }

  /** Replaces what a subscription watches, if every binding can be served for this caller. */
  async #watch(standing: Standing, caller: Caller): Promise<Verdict> {
    const reader = readerOf(caller);
    const watchers: Watcher[] = [];
    for (const [bindingIndex, binding] of standing.bindings.entries()) {
      if (!standing.active || standing.request.isOver?.() === true) return { ok: true };
      const checked = await checkBinding(this.#db, binding, caller.role);
      if (!checked.ok) return checked;
      for (const relid of checked.relids) watchers.push(await watcherOf(this.#db, { subscriber: standing, reader, relid, bindingIndex, binding }));
    }
    for (const watcher of watchers) watcher.alone = watchers.length === 1;
    const relids = watchers.map(({ relid }) => relid);
    do await this.#gate.open(relids);
    while (!this.#gate.isOpen(relids));
    if (!standing.active) return { ok: true };
    this.#watchers.remove(standing.watchers);
    this.#watchers.add(watchers);
    standing.watchers = watchers;
    return { ok: true };
  }

  async #failure(channel: ChannelSubject): Promise<string | null> {
    for (const step of this.#seams.subscribe.steps ?? []) {
      const exception = await step(channel);
      if (exception !== null) return exception;
    }
    return null;
  }

  readonly #hand = (subscriber: Subscriber, change: DeliveredChange): void => {
    if (this.#seams.changes.steps === null) this.#deliver(subscriber, change);
    else this.#tapped.push({ channel: subscriber, hand: () => this.#deliver(subscriber, change) });
  };

  #deliver(subscriber: Subscriber, change: DeliveredChange): void {
    try {
      if (subscriber.active) subscriber.deliver(change);
    } catch (error) {
      this.#report('a subscriber failed on a change', error);
    }
  }

  #setCaller(standing: Standing, caller: Caller): void {
    // At once, so that a check of the publication does not bring the caller before back.
    standing.caller = caller;
    void this.#renew(standing, caller).catch((error: unknown) => this.#report('renewing a subscription failed', error));
  }

  /** A subscription whose bindings no longer hold stays, but gets nothing. */
  async #renew(standing: Standing, caller: Caller): Promise<void> {
    const verdict = await this.#watch(standing, caller);
    if (!standing.active) return;
    if (!verdict.ok) {
      this.#watchers.remove(standing.watchers);
      standing.watchers = [];
    }
    standing.request.onVerdict?.(verdict);
  }

  #unsubscribe(standing: Standing): void {
    standing.active = false;
    this.#standing.delete(standing);
    this.#watchers.remove(standing.watchers);
    this.#shutUnwatched();
  }

  /** A moment later, since who leaves often comes back. Once this is closed it is for the next feed to say. */
  #shutUnwatched(): void {
    if (this.#isShutting || this.#closed) return;
    this.#isShutting = true;
    this.#timers.after(SHUT_AFTER_MS, () => {
      this.#isShutting = false;
      void this.#gate.only(this.#watchers.relids).catch((error: unknown) => this.#report('stopping to capture unwatched tables failed', error));
    });
  }

  /** Hears of a commit, one notification for each of its changes. */
  #hear(notification: string): void {
    if (this.#closed) return;
    if (notification === SCHEMA_CHANGED) return this.#tables.forget();
    this.#log.add(notification, this.#isWatched);
    if (!this.#log.isEmpty) this.#drainSoon();
  }

  readonly #isWatched = (relid: number): boolean => this.#watchers.of(relid) !== undefined;

  #drainSoon(): void {
    this.#draining ??= this.#drain().finally(() => (this.#draining = null));
  }

  async #drain(): Promise<void> {
    // What else was committed at once is still on its way.
    await Promise.resolve();
    while (!this.#log.isEmpty && !this.#closed) {
      try {
        const taken = this.#log.take(BATCH_SIZE, this.#isWatched);
        const delivered = this.#deliverBatch(taken instanceof Promise ? await taken : taken);
        if (delivered !== undefined) await delivered;
        if (this.#tapped.length > 0) throughTaps(this.#seams.changes.steps ?? [], this.#tapped.splice(0));
      } catch (error) {
        this.#report('delivering changes failed', error);
      }
    }
  }

  #deliverBatch(changes: readonly CapturedChange[]): void | Promise<void> {
    if (changes.length === 0 || this.#rate.exceeded) return;
    return deliverChanges({ db: this.#db, logger: this.#logger, tables: this.#tables, watchers: this.#watchers, rate: this.#rate, hand: this.#hand }, changes);
  }

  /** Notices a changed publication, and with it which subscriptions still hold. */
  async #comparePublication(): Promise<void> {
    if (await this.#readPublication()) await this.#renewAll();
  }

  /** Reads the publication; whether it changed. */
  async #readPublication(): Promise<boolean> {
    this.#tables.forget();
    await this.#db.query('select realtime_changes.sync()');
    const before = this.#published;
    this.#published = await publishedTables(this.#db);
    return this.#published !== before;
  }

  async #renewAll(): Promise<void> {
    for (const standing of this.#standing) await this.#renew(standing, standing.caller);
  }

  #report(message: string, error: unknown): void {
    if (!this.#closed) this.#logger.error(message, { error: loggable(error) });
  }
}

/** A subscription in being. */
interface Standing extends Subscriber {
  request: SubscribeRequest;
  bindings: readonly ParsedBinding[];
  caller: Caller;
  watchers: readonly Watcher[];
  active: boolean;
}

function readerOf({ role, claims }: Caller): Reader {
  const text = JSON.stringify(claims);
  return { key: `${role} ${text}`, role, claims: text };
}
