import type { TenantSettings } from '../realtime/tenant/index.ts';
import type { FaultName } from './definitions.ts';
import type { Who } from './who.ts';

/** A fault that lasts. Stop it, let `forMs` or `count` end it, or write `await using` before it. */
export interface ActiveFault extends AsyncDisposable {
  /** Name within this server, e.g. `latency-3`. */
  readonly id: string;
  readonly name: FaultName | 'storm';
  /** As it runs, defaults included. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What it hit so far: sockets, frames, batches, requests … */
  readonly hits: number;
  /** Resolves when it is over, however it ended. */
  readonly ended: Promise<void>;
  /** Ends it; what it held up goes on. Safe to call twice. */
  stop(): Promise<void>;
}

/** A fault to start at a time: one line of a script. */
export interface FaultStep {
  /** Milliseconds from the start of the script. */
  atMs: number;
  fault: FaultName;
  parameters: Readonly<Record<string, unknown>>;
}

/** Something that was done; those with `event: 'start'` make a script for {@link Faults.replay}. */
export interface FaultRecord extends FaultStep {
  /** Milliseconds since the server started. */
  atMs: number;
  event: 'start' | 'end';
  /** Its {@link ActiveFault.id}. */
  id: string;
}

/** Options of {@link Faults.storm}. */
export interface StormOptions {
  /** How long it lasts; by its end all its faults have ended. @defaultValue `10_000` */
  forMs?: number;
  /** Mean time from one fault to the next. @defaultValue `1_000` */
  everyMs?: number;
  /** Longest time that one fault lasts. @defaultValue `2_000` */
  longestMs?: number;
  /** Which faults. @defaultValue those that a client can recover from without a new token */
  faults?: readonly FaultName[];
}

/** A random script of faults that runs. */
export interface Storm extends ActiveFault {
  readonly name: 'storm';
  /** All that it does, known from the start. */
  readonly script: readonly FaultStep[];
}

/** How long a fault lasts. */
interface Lasting {
  /** Ends by itself after this time, in milliseconds. @defaultValue not before it is stopped */
  forMs?: number;
}

/** How often a fault strikes. */
interface Striking extends Lasting {
  /** How likely it strikes each time, over 0 and up to 1. @defaultValue `1` */
  probability?: number;
  /** Ends by itself after it struck this often. @defaultValue not before it is stopped */
  count?: number;
}

interface ForSome {
  /** Whom it is for. @defaultValue everybody */
  who?: Who;
}

interface Delay {
  /** Milliseconds. */
  ms: number;
  /** Up to this much more, by chance. @defaultValue `0` */
  jitterMs?: number;
}

interface Requests {
  /** Requests whose path begins with this, e.g. `/rest/v1/notes`. @defaultValue `'/'` */
  path?: string;
  /** Requests with this method. @defaultValue any */
  method?: string;
}

/**
 * The faults. Each method rejects with a TypeError that names the parameter when one is wrong, and has then done
 * nothing. Times are exact: `timeScale` does not shorten them.
 */
export interface FaultMethods {
  /** Cuts sockets off by a TCP reset: clients see 1006. */
  dropSockets(options?: ForSome): Promise<{ sockets: number }>;
  /** Closes sockets with a close code, 1000 unless said otherwise. */
  closeSockets(options?: ForSome & { code?: number; reason?: string }): Promise<{ sockets: number }>;
  /**
   * Neither reads from the sockets there are nor writes to them, while TCP stays up. At its end they go on with all that
   * is late, or are reset. Sockets that open later are not concerned.
   */
  halfOpen(options?: ForSome & Lasting & { then?: 'heal' | 'reset' }): Promise<ActiveFault>;
  /** Delays frames in both directions, in order; of sockets that open later too. */
  latency(options: ForSome & Lasting & Delay): Promise<ActiveFault>;
  /** Refuses WebSocket handshakes by an HTTP answer (429 unless said otherwise) after 2 s, or by a reset at once. */
  refuseHandshakes(options?: Striking & { by?: 'answer' | 'reset'; status?: number; error?: string }): Promise<ActiveFault>;

  /** Shuts channels down as the server does: a `system` error with the message, then `phx_close`. */
  closeChannels(options?: ForSome & { message?: string }): Promise<{ channels: number }>;
  /** Crashes channels: `phx_error`. */
  crashChannels(options?: ForSome): Promise<{ channels: number }>;
  /** Refuses joins that would be good with a reason, `Code: text`, after the 5 s that the real server takes. */
  refuseJoins(options?: ForSome & Striking & { reason?: string }): Promise<ActiveFault>;
  /**
   * Makes the tokens in use expire now: their channels close with `Token has expired 0 seconds ago`; joins, REST and
   * auth refuse them. Tokens signed later hold, and so do the project's API keys. Its end makes the tokens hold again.
   */
  expireTokens(options?: ForSome & Lasting): Promise<ActiveFault>;
  /** Ends auth sessions, of one user or of all: their refresh tokens are refused; access tokens hold until they expire. */
  revokeSessions(options?: { userId?: string }): Promise<{ sessions: number }>;

  /** Subscribes new joins to Postgres changes late, and so says `system` ok late; changes until then are not sent. */
  delaySystemOk(options: ForSome & Lasting & Delay): Promise<ActiveFault>;
  /** A server that was asleep: joins are answered, but changes are only subscribed once it is warm, after `ms`. */
  coldStart(options: { ms: number }): Promise<ActiveFault>;
  /** Fails new subscriptions to Postgres changes by a `system` error; the server tries again after 5 s. */
  failSubscriptions(options?: ForSome & Striking & { exception?: string }): Promise<ActiveFault>;
  /** Checks the publication now: every subscription hears `system` ok again, or an error when its table is gone. */
  recheckPublication(): Promise<{ subscriptions: number }>;

  /** Loses whole batches of changes, without a sign. */
  skipBatches(options?: Striking): Promise<ActiveFault>;
  /** Loses every change that is committed until it is stopped, without a sign. */
  cutReplication(options?: Lasting): Promise<ActiveFault>;
  /** Sends changes twice. */
  duplicateChanges(options?: Striking): Promise<ActiveFault>;
  /** Mixes the order of changes between channels, batch by batch; within a channel it stays. */
  reorderChannels(options?: Lasting): Promise<ActiveFault>;
  /** Sends changes late, in their order, as replication that lags. */
  delayChanges(options: Lasting & Delay): Promise<ActiveFault>;

  /**
   * Stops Realtime and starts it again, empty, after `downMs` (1,000). Gracefully, sockets with channels close with
   * 1012 and others 5 s later with 1006; else all with 1006 at once. Handshakes are reset and changes are lost meanwhile;
   * REST and auth go on. `coldMs` is a {@link FaultMethods.coldStart} after it.
   */
  restartServer(options?: { graceful?: boolean; downMs?: number; coldMs?: number }): Promise<ActiveFault>;
  /**
   * A Postgres that crashes: REST answers 503 and auth 500 for `downMs` (500). Realtime says nothing, and loses what is
   * committed until `gapMs` (2,600) later. `server.sql` goes on, to write into the gap.
   */
  restartDatabase(options?: { downMs?: number; gapMs?: number }): Promise<ActiveFault>;

  /** Delays HTTP requests before they are served, or their answers, which then hold what was true before the delay. */
  httpLatency(options: Requests & Lasting & Delay & { part?: 'request' | 'answer' }): Promise<ActiveFault>;
  /** Answers HTTP requests with an error, 503 unless said otherwise, instead of serving them. */
  failRequests(options?: Requests & Striking & { status?: number; body?: unknown }): Promise<ActiveFault>;
  /** Serves HTTP requests, then cuts the connection: the client cannot know whether it was done. */
  loseResponses(options?: Requests & Striking): Promise<ActiveFault>;

  /** Changes settings of the tenant, such as `maxEventsPerSecond`; its end sets them back. */
  limit(options: Partial<TenantSettings> & Lasting): Promise<ActiveFault>;
}

/** Faults on command. All chance in them comes from one seed, which the log tells when the first one starts. */
export interface Faults extends FaultMethods {
  /** Start the server with `faults: { seed }` to have the same chance again. */
  readonly seed: number;
  /** Faults that have not ended, in the order they began. */
  readonly active: readonly ActiveFault[];
  /** What was done so far. */
  readonly history: readonly FaultRecord[];
  /** Starts random faults at random times, all from the seed. */
  storm(options?: StormOptions): Promise<Storm>;
  /** Starts faults at the times of a script, e.g. one that a {@link Faults.history} tells. */
  replay(script: readonly FaultStep[]): Promise<Storm>;
  /** Ends every fault. */
  clear(): Promise<void>;
}
