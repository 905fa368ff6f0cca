import { systemClock, type Clock, type OutboxQueue, type OutboxStorage } from '../../src/index.ts';

/** A process, or a part of one, that can be killed wherever it waits for something. */
export interface Life {
  /** Places passed so far at which it could have been killed: before and after everything it waits for. */
  readonly steps: number;
  readonly dead: boolean;
  /** Ends it now. */
  kill(): void;
  /** Resolves when it was killed. */
  readonly died: Promise<void>;
  /** Runs what it waits for. Once it is dead nothing begins, and no result arrives. */
  through: <T>(run: () => Promise<T>) => Promise<T>;
  /** Resolves when all that had begun is over. */
  over(): Promise<void>;
}

/**
 * A life that ends at its step number `killAt`, from 0. From then on it is silent: what waits for it waits for ever. One that
 * `refuses` rejects instead, what it had not begun alone.
 */
export function createLife(killAt: number, { refuses = false } = {}): Life {
  const begun = new Set<Promise<unknown>>();
  let steps = 0;
  let dead = false;
  let die = (): void => undefined;
  const died = new Promise<void>((resolve) => { die = resolve; });
  const step = async (): Promise<void> => {
    if (!dead && steps === killAt) {
      dead = true;
      die();
    }
    steps += 1;
    if (dead && refuses) throw new Error('the disk is broken');
    if (dead) await new Promise(() => undefined);
  };
  return {
    get steps() {
      return steps;
    },
    get dead() {
      return dead;
    },
    kill() {
      dead = true;
      die();
    },
    died,
    async through(run) {
      await step();
      const running = run();
      begun.add(running);
      try {
        return await running;
      } finally {
        begun.delete(running);
        if (!refuses) await step();
      }
    },
    async over() {
      while (begun.size > 0) await Promise.allSettled(begun);
    },
  };
}

/** The storage as this life reaches it. */
export function mortalStorage(storage: OutboxStorage, { through }: Life): OutboxStorage {
  const mortalQueue = (queue: OutboxQueue): OutboxQueue => ({
    add: (actions) => through(() => queue.add(actions)),
    load: (afterSeq) => through(() => queue.load(afterSeq)),
    change: (places, decide) => through(() => queue.change(places, decide)),
    close: () => { queue.close(); },
  });
  return { durable: true, open: (scope) => through(async () => mortalQueue(await storage.open(scope))) };
}

/** Time of this life: no timer runs after its end. */
export function mortalClock(life: Life, clock: Clock = systemClock): Clock {
  return {
    now: () => clock.now(),
    setTimeout: (callback, delayMs) => clock.setTimeout(() => { if (!life.dead) callback(); }, delayMs),
    clearTimeout: (handle) => { clock.clearTimeout(handle); },
  };
}
