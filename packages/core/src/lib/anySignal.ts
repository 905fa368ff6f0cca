/** A signal that aborts as soon as one of them does, with its reason. `AbortSignal.any` is missing in browsers of before 2024. */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  const either = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) either.abort(signal.reason);
    else signal.addEventListener('abort', () => { either.abort(signal.reason); }, { once: true, signal: either.signal });
  }
  return either.signal;
}
