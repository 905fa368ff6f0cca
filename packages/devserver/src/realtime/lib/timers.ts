/** Timers of one owner: all end when it closes, and none keeps the process alive. */
export class Timers {
  readonly #timeScale: number;
  readonly #running = new Set<NodeJS.Timeout>();

  /** @param timeScale factor on every delay; 0.01 makes a 5 s pause 50 ms. */
  constructor(timeScale: number) {
    this.#timeScale = timeScale;
  }

  /** Calls `action` after `delayMs` (scaled); returns what cancels it. */
  after(delayMs: number, action: () => void): () => void {
    const timer = setTimeout(() => {
      this.#running.delete(timer);
      action();
    }, delayMs * this.#timeScale);
    return this.#own(timer);
  }

  /** Calls `action` every `periodMs` (scaled); returns what cancels it. */
  every(periodMs: number, action: () => void): () => void {
    return this.#own(setInterval(action, periodMs * this.#timeScale));
  }

  /** Ends every timer. */
  clear(): void {
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }

  #own(timer: NodeJS.Timeout): () => void {
    timer.unref();
    this.#running.add(timer);
    return () => {
      clearTimeout(timer);
      this.#running.delete(timer);
    };
  }
}
