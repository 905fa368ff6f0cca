/**
 * Runs tasks one after another. While nothing is pending a task runs at once and synchronously; behind a pending one
 * it waits. A task that throws hands its error to `onError`, and the queue goes on; `onIdle` hears when nothing is left.
 */
export class SerialQueue {
  readonly #onError: (error: unknown) => void;
  readonly #onIdle: () => void;
  readonly #waiting: (() => void | Promise<void>)[] = [];
  #busy = false;

  constructor(onError: (error: unknown) => void, onIdle: () => void = () => undefined) {
    this.#onError = onError;
    this.#onIdle = onIdle;
  }

  /** Tasks that have not started yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether a task is running or waiting. */
  get busy(): boolean {
    return this.#busy;
  }

  run(task: () => void | Promise<void>): void {
    this.#waiting.push(task);
    if (!this.#busy) this.#drain();
  }

  /** Forgets what has not started. */
  clear(): void {
    this.#waiting.length = 0;
  }

  #drain(): void {
    this.#busy = true;
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      const pending = this.#start(task);
      if (pending === undefined) continue;
      void pending.catch(this.#onError).then(() => this.#drain());
      return;
    }
    this.#busy = false;
    this.#onIdle();
  }

  #start(task: () => void | Promise<void>): Promise<void> | undefined {
    try {
      return task() ?? undefined;
    } catch (error) {
      this.#onError(error);
      return undefined;
    }
  }
}
