import type { Timers } from '../lib/time.ts';
import type { FaultName } from './definitions.ts';
import type { Run, Undo } from './fault.ts';
import type { ActiveFault } from './faults.ts';
import type { Random } from './random.ts';

/** What a running fault is made of. */
export interface RunningFaultOptions {
  id: string;
  name: FaultName | 'storm';
  parameters: Readonly<Record<string, unknown>>;
  random: Random;
  timers: Timers;
  /** Called once, after all is undone. */
  onEnd: () => void;
  /** Hears what goes wrong when it ends by itself, with nobody waiting. */
  onError: (error: unknown) => void;
}

/** A lasting fault from its start to its end: what its definition sees as {@link Run}, and its owner as {@link ActiveFault}. */
export class RunningFault implements Run, ActiveFault {
  readonly id: string;
  readonly name: FaultName | 'storm';
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly random: Random;
  readonly timers: Timers;
  readonly ended: Promise<void>;
  readonly #options: RunningFaultOptions;
  readonly #probability: number;
  readonly #count: number;
  #hits = 0;
  #undo: Promise<Undo> | null = null;
  #stopping: Promise<void> | null = null;
  #over: () => void = () => undefined;

  constructor(options: RunningFaultOptions) {
    const { id, name, parameters, random, timers } = options;
    this.#options = options;
    this.id = id;
    this.name = name;
    this.parameters = parameters;
    this.random = random;
    this.timers = timers;
    this.#probability = typeof parameters.probability === 'number' ? parameters.probability : 1;
    this.#count = typeof parameters.count === 'number' ? parameters.count : Infinity;
    this.ended = new Promise((resolve) => (this.#over = resolve));
  }

  get hits(): number {
    return this.#hits;
  }

  hit(times = 1): void {
    this.#hits += times;
  }

  strikes(): boolean {
    if (this.#hits >= this.#count || (this.#probability < 1 && this.random.next() >= this.#probability)) return false;
    this.#hits += 1;
    if (this.#hits >= this.#count) this.end();
    return true;
  }

  /** Begins: from now on `undo` takes it back. */
  async begin(begin: (run: Run) => Undo | Promise<Undo>): Promise<void> {
    // Kept as a promise: it may strike for the last time before this knows how to undo it.
    this.#undo = (async () => begin(this))();
    try {
      await this.#undo;
    } catch (error) {
      this.timers.clear();
      throw error;
    }
    const { forMs } = this.parameters;
    if (typeof forMs === 'number' && !this.over) this.timers.after(forMs, () => this.end());
  }

  /** Whether its end has begun. */
  get over(): boolean {
    return this.#stopping !== null;
  }

  end(): void {
    this.stop().catch(this.#options.onError);
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    this.timers.clear();
    try {
      const undo = await this.#undo;
      await undo?.();
    } finally {
      this.#options.onEnd();
      this.#over();
    }
  }
}
