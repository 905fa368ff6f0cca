import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFakeClock } from '../../test/support/fakeClock.ts';
import { LONGEST_DELAY_MS } from './clock.ts';
import { createBackgroundClock, type BackgroundPlatform, type TimerWorker } from './backgroundClock.ts';

/** A page whose own timers do not run while it is hidden, and a worker whose do. */
function setup({ workers = 'run' } = {}) {
  const page = createFakeClock();
  const other = createFakeClock();
  const listeners = new Set<() => void>();
  let hidden = false;
  let running = 0;
  const asked: number[] = [];
  const platform: BackgroundPlatform = {
    isHidden: () => hidden,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    startWorker() {
      if (workers === 'throw') throw new Error('no workers');
      running += 1;
      let alive = true;
      const worker: TimerWorker = {
        onmessage: null,
        onerror: null,
        postMessage([id, delayMs]) {
          asked.push(delayMs);
          other.setTimeout(() => {
            if (alive) worker.onmessage?.({ data: id });
          }, delayMs);
        },
        terminate() {
          if (alive) running -= 1;
          alive = false;
        },
      };
      if (workers === 'fail') other.setTimeout(() => worker.onerror?.(), 1);
      return worker;
    },
  };
  const clock = createBackgroundClock({ clock: page, platform });
  return {
    clock,
    /** What workers were asked to wait for, in ms. */
    asked,
    show: (visible: boolean): void => {
      hidden = !visible;
      for (const listener of [...listeners]) listener();
    },
    /** Time passes; the page's own timers run only while it is shown, or come to be at the end when `late`. */
    pass: async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 1) {
        if (hidden) page.sleep(1);
        else await page.advance(1);
        await other.advance(1);
      }
    },
    late: () => page.advance(0),
    state: () => ({ workers: running, listeners: listeners.size, pending: page.pending }),
  };
}

test('in a page that is shown there is no worker; in a hidden one timers run on time in one, and it ends with them', async () => {
  const { clock, show, pass, state } = setup();
  const ran: string[] = [];
  clock.setTimeout(() => ran.push('first'), 10);
  clock.setTimeout(() => ran.push('second'), 30);
  await pass(10);
  expect([ran, state().workers]).toEqual([['first'], 0]);
  show(false);
  clock.setTimeout(() => ran.push('third'), 25);
  expect(state()).toEqual({ workers: 1, listeners: 1, pending: 0 });
  await pass(20);
  expect(ran).toEqual(['first', 'second']);
  await pass(5);
  expect(ran).toEqual(['first', 'second', 'third']);
  expect(state()).toEqual({ workers: 0, listeners: 0, pending: 0 });
});

test('every timer runs once, at its time and none that was cleared, however often the page is hidden and shown', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.record({ wait: fc.nat(8), delay: fc.nat(12), clear: fc.boolean(), toggle: fc.boolean() }), { maxLength: 12 }), async (steps) => {
    const { clock, show, pass, state } = setup();
    const ran = new Map<number, number[]>();
    const expected = new Map<number, number[]>();
    let visible = true;
    for (const [n, { wait, delay, clear, toggle }] of steps.entries()) {
      const dueAt = clock.now() + delay;
      const handle = clock.setTimeout(() => ran.set(n, [...(ran.get(n) ?? []), clock.now()]), delay);
      if (clear) clock.clearTimeout(handle);
      else expected.set(n, [dueAt]);
      if (toggle) show((visible = !visible));
      await pass(wait);
    }
    await pass(40);
    expect([...ran].map(([n, times]) => [n, times.length])).toHaveLength(expected.size);
    for (const [n, [dueAt = 0]] of expected) {
      expect(ran.get(n)).toHaveLength(1);
      expect(Math.abs((ran.get(n)?.[0] ?? 0) - dueAt)).toBeLessThanOrEqual(1);
    }
    expect(state()).toEqual({ workers: 0, listeners: 0, pending: 0 });
  }), { numRuns: 300 });
});

test('where workers are refused, at once or later, timers are the late ones of the page', async () => {
  for (const workers of ['throw', 'fail'] as const) {
    const { clock, show, pass, late, state } = setup({ workers });
    const ran: string[] = [];
    show(false);
    clock.setTimeout(() => ran.push('x'), 10);
    await pass(20);
    expect([ran, state().workers]).toEqual([[], 0]);
    await late();
    expect([ran, state()]).toEqual([['x'], { workers: 0, listeners: 0, pending: 0 }]);
  }
});

test('where there is no page it is the plain clock', async () => {
  const clock = createFakeClock();
  const background = createBackgroundClock({ clock });
  let runs = 0;
  background.setTimeout(() => (runs += 1), 10);
  background.clearTimeout(background.setTimeout(() => (runs += 1), 10));
  await clock.advance(10);
  expect([runs, clock.pending, background.now()]).toEqual([1, 0, clock.now()]);
});

test('in a worker, too, a timer that would have to wait for more than 24.8 days does not run at once', () => {
  const { clock, show, asked } = setup();
  show(false);
  clock.setTimeout(() => undefined, Infinity);
  expect(asked).toEqual([LONGEST_DELAY_MS]);
});
