import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deepRuns } from '../../test/support/deep.ts';
import { createFakeClock, settle, type FakeClock } from '../../test/support/fakeClock.ts';
import { standByLease, type LeaseRecord, type LeaseStore } from './standByLease.ts';

/** A shared lease as a model: a record, and changes of the queue that ask for it, as one page each sees it. */
function createShared() {
  let stored: LeaseRecord | null = null;
  let broken = false;
  const changes: string[] = [];
  const ask = <T>(answer: () => T): Promise<T> => (broken ? Promise.reject(new Error('the database is away')) : Promise.resolve().then(answer));
  return {
    get holder() {
      return stored?.holder ?? null;
    },
    /** Who changed the queue, in order. */
    changes,
    break: (now: boolean) => { broken = now; },
    page(): { store: LeaseStore; change: () => boolean } {
      const guards = new Map<string, () => void>();
      const store: LeaseStore = {
        read: () => ask(() => stored),
        swap: (expected, next) => ask(() => {
          if (stored?.holder !== expected?.holder || stored?.beat !== expected?.beat) return false;
          stored = next;
          return true;
        }),
        guard(holder, onLost) {
          guards.set(holder, onLost);
          return () => { guards.delete(holder); };
        },
      };
      const change = (): boolean => {
        if (stored !== null && guards.has(stored.holder)) return changes.push(stored.holder) > 0;
        for (const onLost of guards.values()) onLost();
        return false;
      };
      return { store, change };
    },
  };
}

type Shared = ReturnType<typeof createShared>;

/** A tab that stands for the lease on a clock of its own, so that it can be held up alone. */
function openTab(shared: Shared, holder: string) {
  const clock = createFakeClock();
  const closing = new AbortController();
  const { store, change } = shared.page();
  const terms: AbortSignal[] = [];
  const ended = standByLease({ store, holder, clock, signal: closing.signal, lead: (leading) => terms.push(leading) });
  return { holder, clock, closing, change, terms, ended, leads: () => terms.at(-1)?.aborted === false };
}

async function pass(ms: number, ...tabs: readonly { clock: FakeClock }[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) for (const { clock } of tabs) await clock.advance(100);
}

describe('a lease', () => {
  test('goes to one of the tabs at once, and stays with it', async () => {
    const shared = createShared();
    const tabs = ['a', 'b', 'c'].map((holder) => openTab(shared, holder));
    await settle();
    expect(tabs.map((tab) => tab.leads())).toEqual([true, false, false]);
    await pass(60_000, ...tabs);
    expect(tabs.map(({ terms }) => terms.length)).toEqual([1, 0, 0]);
  });

  test('is given back by a tab that closes, and taken at the next look', async () => {
    const shared = createShared();
    const [a, b] = [openTab(shared, 'a'), openTab(shared, 'b')];
    await pass(1_000, a, b);
    a.closing.abort();
    await a.ended;
    expect(shared.holder).toBeNull();
    await pass(400, b);
    expect([a.leads(), b.leads()]).toEqual([false, true]);
    expect(a.clock.pending).toBe(0);
  });

  test('Q5: is taken within 2 s from a tab that dies', async () => {
    const shared = createShared();
    const [a, b] = [openTab(shared, 'a'), openTab(shared, 'b')];
    await pass(1_000, a, b);
    expect(a.leads()).toBe(true);
    await pass(1_900, b); // no timer of the dead tab runs any more
    expect(b.leads()).toBe(true);
  });

  test('is lost by a tab that was held up, which notices at its first change of the queue', async () => {
    const shared = createShared();
    const [a, b] = [openTab(shared, 'a'), openTab(shared, 'b')];
    await pass(1_000, a, b);
    await pass(5_000, b);
    expect(a.terms[0]?.aborted).toBe(false); // it still sleeps
    expect(a.change()).toBe(false);
    expect(a.terms[0]?.aborted).toBe(true);
    expect(b.change()).toBe(true);
    await pass(1_000, a, b);
    expect([a.leads(), b.leads()]).toEqual([false, true]);
  });

  test('is not taken from a hidden tab, whose timers the browser runs once a second', async () => {
    const shared = createShared();
    const [hidden, b] = [openTab(shared, 'a'), openTab(shared, 'b')];
    await settle();
    for (let second = 0; second < 60; second += 1) {
      hidden.clock.sleep(1_000);
      await hidden.clock.advance(0);
      await pass(1_000, b);
    }
    expect([hidden.leads(), b.terms]).toEqual([true, []]);
  });

  test('is not taken because clocks jump or a machine slept', async () => {
    const shared = createShared();
    const [a, b] = [openTab(shared, 'a'), openTab(shared, 'b')];
    await pass(1_000, a, b);
    for (const { clock } of [a, b]) clock.sleep(3_600_000);
    await pass(2_000, a, b);
    expect([a.terms.length, b.terms.length]).toEqual([1, 0]);
  });

  test('ends when the database is away, and is found again with it', async () => {
    const shared = createShared();
    const a = openTab(shared, 'a');
    await pass(1_000, a);
    shared.break(true);
    await pass(1_000, a);
    expect(a.leads()).toBe(false);
    shared.break(false);
    await pass(3_000, a);
    expect(a.leads()).toBe(true);
  });

  test('Q5: whatever tabs are held up, die and come: one changes the queue at a time, and soon one does', async () => {
    const step = fc.record({ tab: fc.nat(4), what: fc.constantFrom('run', 'run', 'run', 'hold up', 'wake', 'close', 'open', 'change'), ms: fc.integer({ min: 0, max: 3_000 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const shared = createShared();
        let last = 0;
        const open = () => ({ ...openTab(shared, `tab${(last += 1)}`), heldUp: false, closed: false });
        const tabs = [open(), open()];
        const running = () => tabs.filter(({ heldUp, closed }) => !heldUp && !closed);
        for (const { tab: at, what, ms } of steps) {
          const tab = tabs[at % tabs.length];
          if (tab === undefined) continue;
          if (what === 'run') await pass(ms, ...running());
          if (what === 'hold up') tab.heldUp = true;
          if (what === 'wake') tab.heldUp = false;
          if (what === 'close' && !tab.heldUp) {
            tab.closing.abort();
            tab.closed = true;
            await settle();
          }
          if (what === 'open' && tabs.length < 5) tabs.push(open());
          // Every tab that believes it leads tries; the lease lets through the one that holds it.
          if (what === 'change') {
            const done = tabs.filter((each) => !each.closed && each.leads() && each.change());
            expect(done.length).toBeLessThanOrEqual(1);
            expect(done.map(({ holder }) => holder)).toEqual(done.length === 0 ? [] : [shared.holder]);
          }
        }
        if (running().length === 0) tabs.push(open());
        await pass(2_000, ...running());
        expect(running().filter((tab) => tab.leads() && tab.change()).length).toBe(1);
        for (const { closing } of tabs) closing.abort();
      }),
      { numRuns: deepRuns({ usual: 300, deep: 10_000 }) },
    );
  });
});
