import type { Time } from '../../lib/time.ts';
import type { Logger } from '../../logger.ts';
import { LimitLog } from './limitLog.ts';
import { RateMeter } from './rateMeter.ts';
import { settingsOf, SUPABASE_DEFAULTS, type LimitsOption, type TenantSettings } from './tenantSettings.ts';

/** Options of {@link Tenant}. */
export interface TenantOptions {
  /** @defaultValue `{}` */
  limits?: LimitsOption;
  time: Time;
  logger: Logger;
}

/** Settings that are rates, each with its meter. */
export type RateName = 'maxEventsPerSecond' | 'maxDbEventsPerSecond' | 'maxJoinsPerSecond' | 'maxPresenceEventsPerSecond';

/** Settings whose change throws everybody out, as on the real server. */
const DISCONNECTING: readonly (keyof TenantSettings)[] = ['privateOnly', 'suspend'];

/** The one project this server serves: its settings, which may change while it runs, and what is measured against them. */
export class Tenant {
  readonly rates: Readonly<Record<RateName, RateMeter>>;
  readonly log: LimitLog;
  /** Sockets that joined a channel since they connected. */
  readonly users = new Set<object>();
  readonly #timers: ReturnType<Time['timers']>;
  #settings: Readonly<TenantSettings>;
  #onDisconnect: () => void = () => undefined;

  constructor({ limits = {}, time, logger }: TenantOptions) {
    this.#settings = settingsOf(limits);
    this.#timers = time.timers();
    this.log = new LimitLog(logger, { hints: limits !== 'off' });
    this.rates = {
      maxEventsPerSecond: this.#meter('maxEventsPerSecond'),
      maxDbEventsPerSecond: this.#meter('maxDbEventsPerSecond'),
      maxJoinsPerSecond: this.#meter('maxJoinsPerSecond'),
      maxPresenceEventsPerSecond: this.#meter('maxPresenceEventsPerSecond'),
    };
  }

  get settings(): Readonly<TenantSettings> {
    return this.#settings;
  }

  /** Changes settings from now on. A rate whose limit changes is measured anew; `privateOnly` and `suspend` disconnect everybody. */
  set(changes: Partial<TenantSettings>): void {
    const before = this.#settings;
    this.#settings = { ...before, ...changes };
    const changed = (name: keyof TenantSettings): boolean => before[name] !== this.#settings[name];
    for (const [name, meter] of Object.entries(this.rates)) if (changed(name as RateName)) meter.restart(); // true: the keys of `rates`
    this.log.forget();
    if (DISCONNECTING.some(changed)) this.#onDisconnect();
  }

  /** Who is to disconnect everybody. */
  onDisconnect(disconnect: () => void): void {
    this.#onDisconnect = disconnect;
  }

  /** Begins to measure, when somebody comes. */
  start(): void {
    for (const meter of Object.values(this.rates)) meter.start();
  }

  /** Forgets all rates so far, as a server that starts. */
  measureAnew(): void {
    for (const meter of Object.values(this.rates)) meter.restart();
  }

  close(): void {
    this.#timers.clear();
  }

  get maxPayloadBytes(): number {
    return this.#settings.maxPayloadSizeInKb * 1_000;
  }

  /** Whether as many sockets have joined as may. */
  isFull(): boolean {
    const { maxConcurrentUsers } = this.#settings;
    if (this.users.size >= Math.min(maxConcurrentUsers, SUPABASE_DEFAULTS.maxConcurrentUsers)) this.log.reached('maxConcurrentUsers', maxConcurrentUsers);
    return this.users.size >= maxConcurrentUsers;
  }

  /** A rate is watched against the usual limit too when it has none here, so that the log can tell. */
  #meter(name: RateName): RateMeter {
    return new RateMeter({
      timers: this.#timers,
      limit: () => this.#settings[name],
      onLook: (average) => {
        if (average >= Math.min(this.#settings[name], SUPABASE_DEFAULTS[name])) this.log.reached(name, this.#settings[name]);
      },
    });
  }
}
