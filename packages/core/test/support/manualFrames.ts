import type { Frames } from '../../src/index.ts';

/** Frames that come when the test says so. */
export interface ManualFrames extends Frames {
  /** Runs what was requested since the last frame. */
  run(): void;
  /** How many wait for the next frame. */
  readonly waiting: number;
}

/** Makes frames of which none has come. */
export function createManualFrames(): ManualFrames {
  const waiting = new Set<() => void>();
  return {
    request(callback) {
      waiting.add(callback);
      return () => waiting.delete(callback);
    },
    run() {
      const due = [...waiting];
      waiting.clear();
      for (const callback of due) callback();
    },
    get waiting() {
      return waiting.size;
    },
  };
}
