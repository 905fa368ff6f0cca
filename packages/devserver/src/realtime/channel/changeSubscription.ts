import type { DeliveredChange, Subscription, Verdict } from '../changes/index.ts';
import { textBroadcast } from '../hub/broadcast.ts';
import { sharedFrame } from '../hub/outFrame.ts';
import { SerialQueue } from '../lib/serialQueue.ts';
import { LIMITS } from '../limits.ts';
import { bindingId } from './bindingIds.ts';
import type { Channel } from './channel.ts';

/** A channel's Postgres changes: one subscription for all its bindings, renewed after a new token. */
export class ChangeSubscription {
  readonly #channel: Channel;
  readonly #ids: readonly number[];
  /** One after another: a renewal waits for a subscription that is still being made. A failure crashes the channel. */
  readonly #steps = new SerialQueue((error) => this.#channel.port.inTurn(this.#channel, () => rethrow(error)));
  #subscription: Subscription | null = null;
  #cancelRenewal: (() => void) | null = null;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#ids = channel.config.bindings.map(bindingId);
  }

  /** Subscribes, if the join asked for changes; the verdict is a `system` message. */
  subscribe(): void {
    if (this.#ids.length > 0) this.#steps.run(() => this.#subscribe());
  }

  /** Changes who reads, a moment after the caller's token changed; the verdict is a `system` message again. */
  renewLater(): void {
    if (this.#ids.length === 0) return;
    this.#cancelRenewal?.();
    this.#cancelRenewal = this.#channel.timers.after(LIMITS.resubscribeMs, () => this.#steps.run(() => this.#renew()));
  }

  close(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = null;
  }

  #renew(): void | Promise<void> {
    if (!this.#subscription) return this.#subscribe();
    this.#subscription.setCaller(this.#channel.token.verified);
  }

  async #subscribe(): Promise<void> {
    const { context, config, token, name, detached } = this.#channel;
    if (detached) return;
    const result = await context.feed.subscribe({
      bindings: config.bindings.map(({ value }) => value),
      caller: token.verified,
      topic: name,
      deliver: (change) => this.#deliver(change),
      onVerdict: (verdict) => this.#say(verdict),
    });
    if (!result.ok) {
      this.#say(result);
      if (result.tryAgain) this.#channel.timers.after(LIMITS.retrySubscribeMs, () => this.#steps.run(() => this.#renew()));
      return;
    }
    if (this.#channel.detached) return result.subscription.unsubscribe();
    this.#subscription = result.subscription;
    this.#say({ ok: true });
  }

  #deliver({ bindingIndexes, dataJson }: DeliveredChange): void {
    if (this.#channel.detached) return;
    // The real server lists the ids in reverse order of the bindings.
    const ids = [...bindingIndexes].reverse().map((index) => this.#ids[index]);
    const payload = `{"ids":[${ids.join(',')}],"data":${dataJson}}`;
    const frame = sharedFrame(textBroadcast(JSON.stringify(this.#channel.topic), 'postgres_changes', payload))(this.#channel.vsn);
    if (frame) this.#channel.send(frame);
  }

  #say(verdict: Verdict): void {
    if (this.#channel.detached) return;
    if (verdict.ok) this.#channel.system('postgres_changes', 'ok', 'Subscribed to PostgreSQL');
    else this.#channel.system('postgres_changes', 'error', verdict.message);
  }
}

/** Inside a channel's turn: crashes it. */
function rethrow(error: unknown): never {
  throw error instanceof Error ? error : new Error(String(error));
}
