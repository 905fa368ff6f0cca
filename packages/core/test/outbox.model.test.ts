import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineAction, memoryStorage, type OutboxQueue, type OutboxStorage, type Receipt, type StoredAction } from '../src/index.ts';
import { deepRuns } from './support/deep.ts';
import { createFakeRest } from './support/fakeRest.ts';
import { createFakeBrowser } from './support/fakeTabs.ts';
import { createLife, mortalClock, mortalStorage, type Life } from './support/mortal.ts';
import { addNote, createTestOutbox, setNote, settleRequests, type TestOutbox } from './support/testOutbox.ts';
import { createFakeClock } from './support/fakeClock.ts';

const TABS = 5;
const LANES = 3;

/** As `addNote`, and later changes of the note go into it while it is unsent. */
const addFolding = defineAction({
  ...addNote,
  name: 'add-folding',
  fold({ input }, later) {
    const { id, text } = later.input as typeof input; // all actions have it
    return later.name === 'set-note' && id === input.id ? { name: 'add-folding', input: { ...input, text } } : null;
  },
});

const fate = fc.oneof(
  fc.constantFrom('ok' as const, 'down' as const, 'lost' as const),
  fc.constantFrom({ status: 500 }, { status: 503 }, { status: 500, code: '40001' }, { status: 401, code: 'PGRST303' }, { status: 429, retryAfter: '20' }),
);
const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('enqueue' as const), tab: fc.nat(TABS - 1), lane: fc.nat(LANES - 1), kind: fc.constantFrom('add' as const, 'folding' as const, 'set' as const, 'set' as const, 'poison' as const) }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.constantFrom(0, 100, 1_000, 7_000) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('faults' as const), fates: fc.array(fate, { minLength: 1, maxLength: 8 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('crash' as const), tab: fc.nat(TABS - 1) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('quota' as const), full: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('disk' as const), takesMs: fc.constantFrom(0, 20, 200) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('sign in' as const), who: fc.constantFrom('sara', 'omar', null) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('set clock' as const), byMs: fc.constantFrom(-3_600_000, 3_600_000, 60_000) }) },
);

type Kind = 'add' | 'folding' | 'set' | 'poison';
type Generated<A> = A extends fc.Arbitrary<infer T> ? T : never;
type Fate = Generated<typeof fate>;
type Command = Generated<typeof command>;

interface Enqueued {
  readonly id: string;
  readonly kind: Kind;
  readonly target: string;
  readonly text: string;
  /** Grows from one to the next. */
  readonly number: number;
  readonly tab: Tab;
  readonly lane: number;
  readonly receipt: Receipt<unknown>;
  /** Kept in its tab's memory alone, since the disk was full. */
  readonly spared: boolean;
}

interface Tab {
  readonly life: Life;
  readonly made: TestOutbox;
}

/** A browser with tabs over one disk, and a server; all of them may fail. */
function createWorld() {
  const clock = createFakeClock(settleRequests);
  const rest = createFakeRest();
  const disk = memoryStorage();
  const browser = createFakeBrowser();
  const enqueued: Enqueued[] = [];
  const lastAdded = new Map<number, string>();
  let [full, diskMs, offset, count, fates] = [false, 0, 0, 0, [] as Fate[]];
  let person: string | null = 'sara';
  /** Since when an attempt is owed; what liveness is measured from. */
  let owedSince = 0;
  let patientUntil = 0;

  rest.fate = ({ body }) => {
    owedSince = clock.now();
    const next = fates.shift() ?? 'ok';
    if (typeof next === 'object' && 'retryAfter' in next) patientUntil = clock.now() + Number(next.retryAfter) * 1_000;
    if (!JSON.stringify(body).includes('poison') || (next !== 'ok' && next !== 'lost')) return next;
    return next === 'lost' ? 'down' : { status: 400, code: '23514' };
  };
  const slowly = (): Promise<void> => (diskMs === 0 ? Promise.resolve() : new Promise((resolve) => void clock.setTimeout(resolve, diskMs)));
  const fullDisk: OutboxStorage = {
    durable: true,
    async open(scope) {
      const queue = await disk.open(scope);
      const refuse = (): Promise<never> => Promise.reject(new DOMException('full', 'QuotaExceededError'));
      const wrapped: OutboxQueue = {
        ...queue,
        add: (actions) => (full ? refuse() : queue.add(actions)),
        async load(afterSeq) {
          const found = await queue.load(afterSeq);
          await slowly(); // what was read may be old when it arrives
          return found;
        },
        async change(places, decide) {
          await slowly();
          return full && places.length > 0 ? refuse() : queue.change(places, decide);
        },
      };
      return wrapped;
    },
  };
  const openTab = (): Tab => {
    const life = createLife(Infinity);
    const made = createTestOutbox({
      actions: [addNote, addFolding, setNote], clock, rest, storage: mortalStorage(fullDisk, life), tabs: browser.tabsOf(life), reach: life.through, random: () => 0.999,
      ownClock: mortalClock(life, { ...clock, now: () => clock.now() + offset }),
    });
    made.signIn(person);
    made.outbox.start();
    return { life, made };
  };
  const tabs = Array.from({ length: TABS }, openTab);

  const waits = ({ made }: Tab, id?: string): boolean => made.outbox.store.get().pending.some((action) => id === undefined || action.id === id);
  /** What the leader has, and what a tab has alone; while the disk is full others may not know of a failure. */
  const pending = (): boolean => tabs.some((tab) => tab.made.outbox.store.get().draining && waits(tab)) || enqueued.some(({ id, tab, spared }) => spared && !tab.life.dead && waits(tab, id));
  /** Where it is in what was done, alone or as part of the note's addition; -1 when it is not. */
  const placeOf = ({ kind, target, text, number }: Enqueued): number =>
    rest.applied.findIndex(({ type, row }) => {
      if (row.id !== target) return false;
      if (row['text'] === text) return kind === 'set' || type === 'INSERT';
      return type === 'INSERT' && Number(String(row['text']).split(' ')[1]) > number;
    });
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left >= 0; left -= 500) {
      await clock.advance(Math.min(500, left));
      if (person !== 'sara' || !pending() || clock.now() < patientUntil) owedSince = clock.now();
      expect(clock.now() - owedSince, 'ms without an attempt').toBeLessThanOrEqual(5_500);
      for (const action of enqueued) if (action.receipt.store.get().status === 'confirmed') expect([action.text, placeOf(action)]).not.toEqual([action.text, -1]);
    }
  };
  const stored = async (): Promise<readonly StoredAction[]> => (await (await disk.open('sara')).load(0)).actions;
  const isStored = async (id: string): Promise<boolean> => (await stored()).some((action) => action.id === id);
  const enqueue = async (tab: Tab, lane: number, kind: Kind): Promise<void> => {
    const target = kind === 'set' ? lastAdded.get(lane) : `note ${String((count += 1))}`;
    // What another tab has alone, only that tab keeps in order.
    if (target === undefined || enqueued.some((action) => action.spared && action.tab !== tab && action.target === target)) return;
    const number = (count += 1);
    const text = `${kind} ${String(number)}`;
    if (kind !== 'set') lastAdded.set(lane, target);
    let receipt: Receipt<unknown> | undefined;
    void tab.made.outbox.enqueue(kind === 'set' ? setNote : kind === 'folding' ? addFolding : addNote, { id: target, text, lane: `lane ${String(lane)}` }).then((given) => (receipt = given));
    await clock.advance(0);
    for (let waitedMs = 0; receipt === undefined; waitedMs += 20) {
      expect(waitedMs, 'ms until it is stored and read, by a disk of 200 ms').toBeLessThan(2_000);
      await clock.advance(20);
    }
    enqueued.push({ id: receipt.id, kind, target, text, number, tab, lane, receipt, spared: !(await isStored(receipt.id)) });
  };
  return {
    rest, enqueued, tabs, stored, placeOf,
    async run(step: Command): Promise<void> {
      if (step.type === 'enqueue') await enqueue(tabs[step.tab] ?? openTab(), step.lane, step.kind);
      else if (step.type === 'pass') await pass(step.ms);
      else if (step.type === 'faults') fates = [...step.fates];
      else if (step.type === 'quota') ({ full } = step);
      else if (step.type === 'disk') diskMs = step.takesMs;
      else if (step.type === 'set clock') offset += step.byMs;
      else if (step.type === 'sign in') {
        person = step.who;
        for (const { made } of tabs) made.signIn(person);
      } else {
        tabs[step.tab]?.life.kill();
        tabs[step.tab] = openTab();
        browser.succeed();
        owedSince = clock.now();
      }
    },
    async heal(): Promise<void> {
      [full, diskMs, fates, person] = [false, 0, [], 'sara'];
      for (const { made } of tabs) made.signIn('sara');
      await pass(60_000);
    },
  };
}

test('Q2, Q3, Q4, Q6: whatever tabs, the disk, the clock, the server and the session do, nothing is lost, done twice, overtaken in its lane or sent as somebody else, and an attempt starts within 5 s', { timeout: deepRuns({ usual: 600_000, deep: 3_600_000 }) }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (steps) => {
      const world = createWorld();
      for (const step of steps) await world.run(step);
      await world.heal();

      const done = world.rest.applied.map(({ type, row }) => (type === 'INSERT' ? row.id : `${row.id} ${String(row['text'])}`));
      expect(new Set(done).size).toBe(done.length);
      const failed = new Set(world.tabs.flatMap(({ made }) => made.outbox.store.get().failed.map(({ id }) => id)));
      for (const action of world.enqueued) {
        const { id, kind, text, tab, spared, receipt } = action;
        if (kind === 'poison') expect(world.rest.applied.map(({ row }) => row['text'])).not.toContain(text);
        // What was in the memory of a tab that crashed alone has gone with it.
        if (spared && tab.life.dead) continue;
        const isDone = world.placeOf(action) >= 0;
        expect([text, isDone !== failed.has(id)]).toEqual([text, true]);
        if (!tab.life.dead) expect([text, receipt.store.get().status]).toEqual([text, isDone ? 'confirmed' : 'failed']);
      }
      for (let lane = 0; lane < LANES; lane += 1) {
        const places = world.enqueued.filter((action) => action.lane === lane && !action.spared).map(world.placeOf).filter((place) => place >= 0);
        expect(places).toEqual([...places].sort((a, b) => a - b));
      }
      for (const { headers } of world.rest.requests) expect(atob((headers.get('Authorization') ?? '').split('.')[1] ?? '')).toContain('"sara"');
      const left = await world.stored();
      expect(left.filter(({ failure }) => failure === null)).toEqual([]);
      for (const tab of world.tabs) {
        const { made, life } = tab;
        expect(made.outbox.store.get().pending).toEqual([]);
        const own = world.enqueued.filter((action) => action.spared && action.tab === tab).map(({ id }) => id);
        expect(made.outbox.store.get().failed.map(({ id }) => id).filter((id) => !own.includes(id)).sort()).toEqual(left.map(({ id }) => id).filter((id) => !own.includes(id)).sort());
        life.kill();
        made.outbox.end();
      }
    }),
    { numRuns: deepRuns({ usual: 300, deep: 10_000 }) },
  );
});
