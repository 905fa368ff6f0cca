import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepRuns } from '../../test/support/deep.ts';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { createJournal } from './journal.ts';
import { memoryStorage } from './memoryStorage.ts';
import type { StoredAction } from './types.ts';

const action = (id: string): Omit<StoredAction, 'seq'> => ({ id, name: 'x', lane: id, input: null, enqueuedAt: 0, attempts: 0, folded: [], failure: null });

/** A journal over a disk with some actions, which may refuse; `stored` is what the disk has, as attempts by place. */
async function setup(count: number) {
  const clock = createFakeClock();
  const disk = await memoryStorage().open('sara');
  const places = await disk.add(Array.from({ length: count }, (_, at) => action(String(at))));
  const faults = { refuses: false };
  const told = { transactions: 0, notWritten: 0 };
  const journal = createJournal({
    async change(seqs, decide) {
      told.transactions += 1;
      await Promise.resolve();
      if (faults.refuses) throw new Error('the disk refuses');
      await disk.change(seqs, decide);
    },
  }, { clock, onNotWritten: () => (told.notWritten += 1) });
  const load = async (): Promise<readonly StoredAction[]> => (await disk.load(0)).actions;
  const attemptsOf = (actions: readonly StoredAction[]): Record<number, number> => Object.fromEntries(actions.map(({ seq, attempts }) => [seq, attempts]));
  return { clock, places, faults, told, journal, load, attemptsOf };
}

const attempted = (now: StoredAction): StoredAction => ({ ...now, attempts: now.attempts + 1 });

test('what comes up at one moment shares a transaction, and each sees what those before it did', async () => {
  const { places: [first = 0, second = 0], told, journal, load, attemptsOf } = await setup(2);
  const [one, two, three] = await Promise.all([journal.update(first, attempted), journal.update(first, attempted), journal.change([second], () => ({ remove: [second] }))]);
  expect([one?.attempts, two?.attempts, three.has(second), told.transactions]).toEqual([1, 2, true, 1]);
  expect(attemptsOf(await load())).toEqual({ [first]: 2 });
});

test('a change that is durable has all removals of before with it', async () => {
  const { places: [first = 0, second = 0], faults, journal, load, attemptsOf } = await setup(2);
  faults.refuses = true;
  journal.remove(first);
  await settle();
  faults.refuses = false;
  await journal.update(second, attempted);
  expect(attemptsOf(await load())).toEqual({ [second]: 1 });
});

test('Q1: a removal that the disk refuses is tried again after five seconds, said, and seen as done by who reads meanwhile', async () => {
  const { clock, places: [first = 0, second = 0], faults, told, journal, load, attemptsOf } = await setup(2);
  faults.refuses = true;
  journal.remove(first);
  await settle();
  expect([told.notWritten, attemptsOf(await load()), attemptsOf(journal.over(await load()))]).toEqual([1, { [first]: 0, [second]: 0 }, { [second]: 0 }]);
  await expect(journal.flushed()).rejects.toThrow('the disk refuses');
  faults.refuses = false;
  await clock.advance(5_000);
  expect(attemptsOf(await load())).toEqual({ [second]: 0 });
  await journal.flushed();
  expect(clock.pending).toBe(0);
});

test('Q1: what comes up while something is written is written next', async () => {
  const { places: [first = 0, second = 0, third = 0], journal, load, attemptsOf } = await setup(3);
  const [one, two] = await load();
  if (one === undefined || two === undefined) throw new Error('there are three');
  const tried: number[] = [];
  journal.keep(attempted(one), () => {
    tried.push(first);
    journal.keep(attempted(two), () => tried.push(second));
    journal.remove(third);
  });
  await settle();
  expect([attemptsOf(await load()), tried]).toEqual([{ [first]: 1, [second]: 1 }, [first, second]]);
});

test('what is kept is not put back when somebody else removed it', async () => {
  const { places: [first = 0], journal, load } = await setup(1);
  const [stored] = await load();
  if (stored === undefined) throw new Error('there is one');
  await journal.change([first], () => ({ remove: [first] }));
  const tried: string[] = [];
  journal.keep(attempted(stored), () => tried.push('tried'));
  await settle();
  expect([await load(), tried]).toEqual([[], ['tried']]);
});

test('a journal that ended tries nothing again', async () => {
  const { clock, places: [first = 0], faults, told, journal } = await setup(1);
  faults.refuses = true;
  journal.remove(first);
  await settle();
  journal.end();
  expect([clock.pending, told.transactions]).toEqual([0, 1]);
});

test('Q1: whatever the disk refuses, readers see what was decided at once, and in the end it is stored', async () => {
  const step = fc.record({ what: fc.constantFrom('update', 'update', 'keep', 'remove', 'refuse', 'accept', 'wait'), at: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { clock, places, faults, journal, load, attemptsOf } = await setup(4);
      const expected = new Map((await load()).map((each) => [each.seq, each]));
      for (const { what, at } of steps) {
        const seq = places[at] ?? 0;
        const now = expected.get(seq);
        if (what === 'refuse' || what === 'accept') faults.refuses = what === 'refuse';
        if (what === 'wait') await clock.advance(5_000);
        if (what === 'update') {
          const made = await journal.update(seq, attempted).catch(() => null);
          expect(made?.attempts).toBe(faults.refuses || now === undefined ? undefined : now.attempts + 1);
          if (made !== null) expected.set(seq, made);
        }
        if (what === 'keep' && now !== undefined) {
          expected.set(seq, { ...now, attempts: now.attempts + 100 });
          journal.keep({ ...now, attempts: now.attempts + 100 }, () => undefined);
        }
        if (what === 'remove') {
          expected.delete(seq);
          journal.remove(seq);
        }
        expect(attemptsOf(journal.over(await load()))).toEqual(attemptsOf([...expected.values()]));
      }
      faults.refuses = false;
      await clock.advance(5_000);
      await journal.flushed();
      expect(attemptsOf(await load())).toEqual(attemptsOf([...expected.values()]));
      journal.end();
      expect(clock.pending).toBe(0);
    }),
    { numRuns: deepRuns({ usual: 300, deep: 20_000 }) },
  );
});
