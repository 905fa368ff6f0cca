import type { Clock } from './clock.ts';

/** When to show what changed: at most once per frame. One replaceable part: tests pass one that they run by hand. */
export interface Frames {
  /** Runs `callback` once, with the next frame; returns what cancels it. */
  request(callback: () => void): () => void;
}

/** A frame where nothing is painted, in ms: sixty a second. */
const FRAME_MS = 1_000 / 60;
/** How long a frame of a visible page may keep us waiting, in ms; browsers give none to a page that was just hidden. */
const LATEST_MS = 100;

/** The frames of the platform: `requestAnimationFrame` in a visible page, else a timer, so that a hidden page goes on. */
export function createPlatformFrames(clock: Clock): Frames {
  return {
    request(callback) {
      const painting = typeof document !== 'undefined' && document.visibilityState === 'visible' && typeof requestAnimationFrame === 'function';
      let cancelFrame = (): void => undefined;
      const run = (): void => {
        cancel();
        callback();
      };
      const timer = clock.setTimeout(run, painting ? LATEST_MS : FRAME_MS);
      const cancel = (): void => {
        clock.clearTimeout(timer);
        cancelFrame();
      };
      if (painting) {
        const frame = requestAnimationFrame(run);
        cancelFrame = () => { cancelAnimationFrame(frame); };
      }
      return cancel;
    },
  };
}
