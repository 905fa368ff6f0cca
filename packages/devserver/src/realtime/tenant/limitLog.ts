import type { Logger } from '../../logger.ts';
import { SUPABASE_DEFAULTS, type TenantSettings } from './tenantSettings.ts';

/** What the server does to clients over a limit; what a client sees of it is often nothing. */
const CONSEQUENCES = {
  maxConcurrentUsers: 'joins and handshakes of more sockets are refused',
  maxEventsPerSecond: 'channels that receive a broadcast are closed',
  maxDbEventsPerSecond: 'changes of rows are dropped, and no client is told',
  maxJoinsPerSecond: 'joins and handshakes are refused, and sockets that join are closed',
  maxChannelsPerClient: 'joins of more channels are refused',
  maxPresenceEventsPerSecond: 'channels that track presence are closed',
  maxClientPresenceEventsPerWindow: 'the channel that tracked is closed',
} satisfies Partial<Record<keyof TenantSettings, string>>;

/** A limit whose reaching is worth a line. */
export type LoggedLimit = keyof typeof CONSEQUENCES;

/**
 * Says once per limit that it bites – the real server does not, so that its clients see channels close and changes
 * missing without a reason –, or that it would bite on a real project, when it is not enforced here.
 */
export class LimitLog {
  readonly #logger: Logger;
  readonly #hints: boolean;
  readonly #said = new Set<LoggedLimit>();

  /** @param options `hints` says whether to tell of limits that are not enforced here */
  constructor(logger: Logger, { hints }: { hints: boolean }) {
    this.#logger = logger;
    this.#hints = hints;
  }

  /** `limit` is what is enforced; `Infinity` when nothing is. */
  reached(name: LoggedLimit, limit: number): void {
    if (this.#said.has(name)) return;
    this.#said.add(name);
    if (Number.isFinite(limit)) this.#logger.warn(`${name} of ${limit} is reached: ${CONSEQUENCES[name]}; the option limits.${name} raises it`);
    else if (this.#hints) this.#logger.warn(`${name}: a Supabase project is limited to ${SUPABASE_DEFAULTS[name]} by default, and there ${CONSEQUENCES[name]}; here it is not limited, unless the option limits is 'supabase'`);
  }

  /** Says it all again when it happens again. */
  forget(): void {
    this.#said.clear();
  }
}
