import type { DeliveredChange, Subscription, Verdict } from '../changes/index.ts';
import { CODECS } from '../codec/index.ts';
import { NULL } from '../codec/message.ts';
import { SerialQueue } from '../lib/serialQueue.ts';
import { LIMITS } from '../limits.ts';
import { bindingId } from './bindingIds.ts';
import type { Channel } from './channel.ts';
import type { ChannelPort } from './context.ts';

/** Stands for the change in an encoded message; JSON text has no such character. */
const GAP = '\0';

interface Wrapping {
  head: Buffer;
  tail: string;
}

/** A channel's Postgres changes: one subscription for all its bindings, renewed after a new token. */
export class ChangeSubscription {
  readonly #channel: Channel;
  readonly #port: ChannelPort;
  readonly #ids: readonly number[];
  /** One after another: a renewal waits for a subscription that is still being made. A failure crashes the channel. */
  readonly #steps = new SerialQueue((error) => this.#channel.port.inTurn(this.#channel, () => rethrow(error)));
  /** By the bindings that match; those of one binding by its position, which is quicker. */
  readonly #wrappings = new Map<string | number, Wrapping>();
  #subscription: Subscription | null = null;
  #cancelRenewal: (() => void) | null = null;
  #verdict: Verdict | null = null;
  #closed = false;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#port = channel.port;
    this.#ids = channel.config.bindings.map(bindingId);
  }

  /** Whether changes are delivered, or none were asked for. */
  get live(): boolean {
    return this.#ids.length === 0 || this.#verdict?.ok === true;
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
    this.#closed = true;
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
      isOver: () => this.#channel.detached,
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

  #deliver({ bindingIndexes, frames }: DeliveredChange): void {
    // Also while a subscription is being made that nobody could end yet.
    if (this.#closed) return;
    const { head, tail } = this.#wrapping(bindingIndexes);
    this.#port.sendFrame(frames.between(head, tail));
  }

  /** What of a frame surrounds the change: the same for every change that the same bindings match. */
  #wrapping(bindingIndexes: readonly number[]): Wrapping {
    const [first = 0] = bindingIndexes;
    const key = bindingIndexes.length === 1 ? first : bindingIndexes.join();
    const known = this.#wrappings.get(key);
    if (known !== undefined) return known;
    // The real server lists the ids in reverse order of the bindings.
    const ids = [...bindingIndexes].reverse().map((index) => this.#ids[index]);
    const { topic, vsn } = this.#channel;
    const message = { joinRef: NULL, ref: NULL, topicJson: JSON.stringify(topic), event: 'postgres_changes', payload: `{"ids":[${ids.join(',')}],"data":${GAP}}` };
    const [head = '', tail = ''] = CODECS[vsn].encode(message).split(GAP);
    const wrapping = { head: Buffer.from(head), tail };
    this.#wrappings.set(key, wrapping);
    return wrapping;
  }

  #say(verdict: Verdict): void {
    if (this.#channel.detached) return;
    this.#verdict = verdict;
    if (verdict.ok) this.#channel.system('postgres_changes', 'ok', 'Subscribed to PostgreSQL');
    else this.#channel.system('postgres_changes', 'error', verdict.message);
    this.#channel.tellPopulation();
  }
}

/** Inside a channel's turn: crashes it. */
function rethrow(error: unknown): never {
  throw error instanceof Error ? error : new Error(String(error));
}
