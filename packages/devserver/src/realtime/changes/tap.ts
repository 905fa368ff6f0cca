/** One change on its way to one channel. */
export interface Delivery {
  /** Name of the channel, and the same object for all its deliveries. */
  readonly channel: { readonly topic: string };
  /** Hands the change over; what the channel throws is logged. */
  hand(): void;
}

/** Gets what one batch of changes leads to, in order, and passes on what is to be delivered: all, less, more, later. */
export type ChangeTap = (batch: readonly Delivery[], pass: (batch: readonly Delivery[]) => void) => void;

/** Sends a batch through taps, first to last, and hands over what comes out. */
export function throughTaps(taps: readonly ChangeTap[], batch: readonly Delivery[]): void {
  const [tap, ...rest] = taps;
  if (tap === undefined) for (const delivery of batch) delivery.hand();
  else tap(batch, (passed) => throughTaps(rest, passed));
}
