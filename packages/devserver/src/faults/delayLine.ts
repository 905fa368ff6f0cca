import type { Time, Timers } from '../lib/time.ts';

interface Item {
  dueMs: number;
  pass: () => void;
  bytes: number;
}

/** Passes things on later, in the order they came; while held, not at all. */
export class DelayLine {
  readonly #time: Time;
  readonly #timers: Timers;
  #items: Item[] = [];
  #holds = 0;
  #bytes = 0;
  #cancel: (() => void) | null = null;

  constructor(time: Time) {
    this.#time = time;
    this.#timers = time.timers();
  }

  /** Whether nothing is waiting or held. */
  get idle(): boolean {
    return this.#items.length === 0 && this.#holds === 0;
  }

  /** Memory of what is waiting. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Passes on after `delayMs`, or later if something before it is later. */
  push(delayMs: number, pass: () => void, bytes = 0): void {
    const now = this.#time.now();
    if (this.idle && delayMs <= 0) return pass();
    this.#items.push({ dueMs: Math.max(now + delayMs, this.#items.at(-1)?.dueMs ?? 0), pass, bytes });
    this.#bytes += bytes;
    this.#arm();
  }

  hold(): void {
    this.#holds += 1;
    this.#disarm();
  }

  release(): void {
    this.#holds -= 1;
    this.#passDue();
  }

  /** Passes everything on at once. */
  flush(): void {
    for (const item of this.#items) item.dueMs = 0;
    this.#passDue();
  }

  /** Forgets everything. */
  clear(): void {
    this.#disarm();
    this.#items = [];
    this.#bytes = 0;
  }

  #arm(): void {
    const [first] = this.#items;
    if (first === undefined || this.#holds > 0 || this.#cancel !== null) return;
    this.#cancel = this.#timers.after(Math.max(0, first.dueMs - this.#time.now()), () => {
      this.#cancel = null;
      this.#passDue();
    });
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #passDue(): void {
    this.#disarm();
    for (let [first] = this.#items; first !== undefined && this.#holds === 0 && first.dueMs <= this.#time.now(); [first] = this.#items) {
      this.#items.shift();
      this.#bytes -= first.bytes;
      first.pass();
    }
    this.#arm();
  }
}
