import fc from 'fast-check';
import { from, Subject, throwError } from 'rxjs';
import { expect, test } from 'vitest';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { batch } from './batch.ts';
import { conflateBy, throttle } from './conflateBy.ts';
import { sideEffect } from './sideEffect.ts';

/** Values with the pauses before them. */
const aBurst = fc.array(fc.record({ pauseMs: fc.integer({ min: 0, max: 40 }), key: fc.integer({ min: 0, max: 3 }) }), { maxLength: 60 });

test('F1: a batch loses and reorders nothing, is never larger than it may be, and waits no longer than it may', async () => {
  await fc.assert(
    fc.asyncProperty(aBurst, fc.integer({ min: 1, max: 7 }), async (burst, maxItems) => {
      const clock = createFakeClock();
      const source = new Subject<{ n: number; at: number }>();
      const seen: { values: readonly { n: number; at: number }[]; at: number }[] = [];
      const subscription = source.pipe(batch({ intervalMs: 50, maxItems, clock })).subscribe((values) => seen.push({ values, at: clock.now() }));
      for (const [n, { pauseMs }] of burst.entries()) {
        await clock.advance(pauseMs);
        source.next({ n, at: clock.now() });
      }
      await clock.advance(50);
      expect(seen.flatMap(({ values }) => values.map(({ n }) => n))).toEqual(burst.map((_, n) => n));
      for (const { values, at } of seen) {
        expect(values.length).toBeLessThanOrEqual(maxItems);
        expect(at - (values[0]?.at ?? 0)).toBeLessThanOrEqual(50);
      }
      subscription.unsubscribe();
      expect(clock.pending).toBe(0);
    }),
  );
});

test('F1: conflating hands on the last value of every key, counts every other, and keeps its interval', async () => {
  await fc.assert(
    fc.asyncProperty(aBurst, async (burst) => {
      const clock = createFakeClock();
      const source = new Subject<{ key: number; n: number }>();
      const emissions: { values: readonly { key: number; n: number }[]; at: number }[] = [];
      const replaced: number[] = [];
      source.pipe(conflateBy(({ key }) => key, { intervalMs: 100, clock, onReplaced: ({ n }) => replaced.push(n) })).subscribe((values) => emissions.push({ values, at: clock.now() }));
      for (const [n, { pauseMs, key }] of burst.entries()) {
        await clock.advance(pauseMs);
        source.next({ key, n });
      }
      await clock.advance(100);
      const handedOn = emissions.flatMap(({ values }) => values);
      expect([...handedOn.map(({ n }) => n), ...replaced].sort((a, b) => a - b)).toEqual(burst.map((_, n) => n));
      for (const key of new Set(burst.map((value) => value.key))) {
        const ofKey = (values: readonly { key: number }[]) => values.flatMap((value, index) => (value.key === key ? [index] : []));
        expect(handedOn[ofKey(handedOn).at(-1) ?? -1]?.n).toBe(ofKey(burst).at(-1));
      }
      emissions.forEach(({ at }, index) => expect(index === 0 || at - (emissions[index - 1]?.at ?? 0) >= 100).toBe(true));
    }),
  );
});

test('F1: throttling hands on the first value at once and then the latest of each interval', async () => {
  const clock = createFakeClock();
  const source = new Subject<number>();
  const seen: number[] = [];
  let replaced = 0;
  source.pipe(throttle({ intervalMs: 100, clock, onReplaced: () => (replaced += 1) })).subscribe((value) => seen.push(value));
  for (let n = 0; n < 10; n += 1) {
    source.next(n);
    await clock.advance(30);
  }
  await clock.advance(1_000);
  expect([seen, replaced]).toEqual([[0, 3, 6, 9], 6]);
  source.next(10);
  expect(seen.at(-1)).toBe(10);
});

test('what waits is handed on when the source completes, and dropped when nobody listens any more', async () => {
  for (const operator of [batch<number>({ clock: createFakeClock() }), conflateBy<number>((n) => n, { clock: createFakeClock() })]) {
    const seen: number[] = [];
    from([1, 2, 3]).pipe(operator).subscribe((values) => seen.push(...values));
    expect(seen).toEqual([1, 2, 3]);
  }
  const clock = createFakeClock();
  const source = new Subject<number>();
  const seen: (readonly number[])[] = [];
  const subscriptions = [source.pipe(batch({ clock })), source.pipe(conflateBy((n) => n, { clock }))].map((values$) => values$.subscribe((values) => seen.push(values)));
  source.next(1);
  source.next(2);
  for (const subscription of subscriptions) subscription.unsubscribe();
  await clock.advance(5_000);
  expect([seen, clock.pending]).toEqual([[[1]], 0]);
});

test('errors of the source pass through, and unusable options are refused', () => {
  const errors: unknown[] = [];
  for (const operator of [batch(), conflateBy((n) => n)]) throwError(() => 'broken').pipe(operator).subscribe({ error: (error) => errors.push(error) });
  expect(errors).toEqual(['broken', 'broken']);
  expect(() => batch({ intervalMs: -1 })).toThrow(RangeError);
  expect(() => batch({ maxItems: 0 })).toThrow(RangeError);
  expect(() => conflateBy((n) => n, { intervalMs: Number.NaN })).toThrow(RangeError);
});

test('C8: an effect that throws or rejects is reported and harms neither the stream nor other effects', async () => {
  const state: number[] = [];
  const effects: number[] = [];
  const failures: unknown[] = [];
  const report = (error: unknown, value: number): void => {
    failures.push([value, String(error)]);
    throw new Error('so does the reporter');
  };
  const source = new Subject<number>();
  source
    .pipe(
      sideEffect((n) => { if (n === 1) throw new Error('toast'); }, report),
      sideEffect((n) => (n === 2 ? Promise.reject(new Error('analytics')) : undefined), report),
      sideEffect((n) => effects.push(n), report),
    )
    .subscribe((n) => state.push(n));
  for (const n of [1, 2, 3]) source.next(n);
  await settle();
  expect([state, effects]).toEqual([[1, 2, 3], [1, 2, 3]]);
  expect(failures).toEqual([[1, 'Error: toast'], [2, 'Error: analytics']]);
});
