import { expiredText } from '../tokenTexts.ts';
import type { Channel } from './channel.ts';

/** A later expiry is looked at again by then; timers cannot wait for years. */
const MAX_WAIT_MS = 300_000;
const MIN_WAIT_MS = 20;

/** Closes a channel when the token it uses has expired. */
export class ExpiryWatch {
  readonly #channel: Channel;
  #cancel: (() => void) | null = null;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Looks at the channel's token from now on; for a new channel and after every new token. */
  restart(): void {
    this.#cancel?.();
    const { token, context, timers, port } = this.#channel;
    const remainingMs = token.verified.exp * 1000 - context.time.now();
    if (remainingMs <= 0) return this.#channel.shutDown(expiredText(Math.floor(-remainingMs / 1000)));
    const waitMs = Math.max(MIN_WAIT_MS, Math.min(remainingMs, MAX_WAIT_MS));
    this.#cancel = timers.after(waitMs, () => port.inTurn(this.#channel, () => this.restart()));
  }
}
