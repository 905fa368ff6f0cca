/** A signal that aborts as soon as one of them does, with its reason. `AbortSignal.any` is missing in browsers of before 2024. */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  const any = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) any.abort(signal.reason);
    else signal.addEventListener('abort', () => { any.abort(signal.reason); }, { once: true, signal: any.signal });
  }
  return any.signal;
}
