import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepRuns } from '../../test/support/deep.ts';
import type { Change } from '../channel/types.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import { createMerge } from './mergeChanges.ts';
import { createOptimisticRows } from './optimisticRows.ts';
import { createOptimisticWrites, type OptimisticEffect } from './optimisticWrites.ts';
import type { AnyRow } from './rowWindow.ts';
import { whereMatches, type Matches } from './where.ts';

const TABLE = { schema: 'public', table: 'notes' };
const IDS = ['k', 'l', 'm'];

interface SetupOptions {
  version?: boolean;
  limit?: number;
  ascending?: boolean;
  matches?: Matches;
}

/** Rows held, a list of writes and the rows shown over it, with a clock that is moved by hand. */
function setup({ version = false, limit = 100, ascending = true, matches = () => true }: SetupOptions = {}) {
  const timers = new Map<number, { at: number; callback: () => void }>();
  let [now, count] = [0, 0];
  const clock: Clock = {
    now: () => now,
    setTimeout(callback, delayMs) {
      timers.set((count += 1), { at: now + delayMs, callback });
      return count as unknown as TimerHandle; // opaque to everybody but clearTimeout below
    },
    clearTimeout: (handle) => void timers.delete(handle as unknown as number), // as above
  };
  const order = { column: 'at', ascending, key: ['id'] };
  const keyOf = (row: AnyRow): string => String(row['id']);
  const merge = createMerge({ ...TABLE, keyOf, order, limit, version: version ? 'v' : undefined, matches });
  const writes = createOptimisticWrites();
  const asked = new Set<string>();
  const changes: Change<AnyRow>[] = [];
  const watchers = new Set<() => void>();
  const commit = (): void => { for (const watcher of watchers) watcher(); };
  const rows = createOptimisticRows(writes, {
    ...{ ...TABLE, order, version: version ? 'v' : undefined, merge, matches, clock, logger: silentLogger },
    accept: (row) => (row['id'] === undefined || row['at'] === undefined ? null : row),
    project: (row) => row,
    ask: (key) => void asked.add(key),
    commit(told) {
      changes.push(...told);
      commit();
    },
  });
  rows.start();
  return {
    ...{ merge, writes, rows, asked, changes, commit, timers },
    shown: () => rows.view().items(),
    onCommit: (watcher: () => void) => void watchers.add(watcher),
    /** A change of the stream, as a live query handles it. */
    hear: (change: Change<unknown>): void => {
      merge.apply(change);
      rows.heard(change);
      commit();
    },
    /** Begins to read rows; the function it gives merges the answer. */
    read: (keys: ReadonlySet<string> | 'all'): ((put: readonly AnyRow[], gone: readonly string[]) => void) => {
      const watched = merge.watch();
      const isRead = rows.reading(keys);
      return (put, gone) => {
        merge.repair({ put: put.map((row) => [keyOf(row), row]), gone }, () => undefined);
        merge.unwatch(watched);
        isRead();
        commit();
      };
    },
    pass: (ms: number): void => {
      now += ms;
      for (const [id, { at, callback }] of [...timers]) {
        if (at > now) continue;
        timers.delete(id);
        callback();
      }
    },
  };
}

const insert = (row: AnyRow): OptimisticEffect => ({ type: 'INSERT', table: 'notes', row });
const update = (id: string, values: AnyRow): OptimisticEffect => ({ type: 'UPDATE', table: 'notes', key: { id }, changes: values });
const remove = (id: string): OptimisticEffect => ({ type: 'DELETE', table: 'notes', key: { id } });
const put = (row: AnyRow, commit = 0): Change<unknown> => ({ ...TABLE, type: 'UPDATE', key: String(row['id']), commitTimestamp: String(commit).padStart(5, '0'), row, old: {} });
const gone = (id: string, commit = 0): Change<unknown> => ({ ...TABLE, type: 'DELETE', key: id, commitTimestamp: String(commit).padStart(5, '0'), old: { id } });

test('O1: without writes the view is the one of the rows held, and unchanged rows keep their identity under writes', () => {
  const { merge, writes, shown, rows, hear } = setup();
  for (const id of IDS) hear(put({ id, at: 1 }));
  expect(rows.view()).toBe(merge.window.view());
  const [k, l, m] = shown();
  writes.show({ id: 'w', order: 1, effects: [update('l', { at: 5 })] });
  expect(shown()).toEqual([{ id: 'k', at: 1 }, { id: 'm', at: 1 }, { id: 'l', at: 5 }]);
  expect([shown()[0], shown()[1]]).toEqual([k, m]);
  expect(shown()[0]).toBe(k);
  expect(rows.view()).toBe(rows.view());
  writes.withdraw('w');
  expect(shown()[1]).toBe(l);
  expect(rows.view()).toBe(merge.window.view());
});

test('O1: a write that is shown again, and does the same, changes nothing', () => {
  const { writes, shown, rows, hear } = setup();
  hear(put({ id: 'k', at: 1, a: 1 }));
  writes.show({ id: 'w', order: 9, effects: [update('k', { a: 2 }), insert({ id: 'l', at: 2 })] });
  const before = [rows.view(), shown(), rows.pendingKeys];
  writes.show({ id: 'w', order: 1, effects: [update('k', { a: 2 }), insert({ id: 'l', at: 2 })] });
  const after = [rows.view(), shown(), rows.pendingKeys];
  for (const [at, one] of before.entries()) expect(after[at]).toBe(one);
});

test('O1: a row whose confirmed content is the one shown keeps its identity', () => {
  const { writes, shown, rows } = setup();
  writes.show({ id: 'w', order: 1, effects: [insert({ id: 'k', at: 1 })] });
  const [before] = shown();
  expect([...rows.pendingKeys]).toEqual(['k']);
  writes.confirm('w', { data: [{ id: 'k', at: 1 }], error: null, status: 201 });
  expect(shown()[0]).toBe(before);
  expect([...rows.pendingKeys]).toEqual([]);
});

test('O1: a change of other columns goes through underneath a write', () => {
  const { writes, shown, hear } = setup();
  hear(put({ id: 'k', at: 1, a: 'x', b: 'x' }));
  writes.show({ id: 'w', order: 1, effects: [update('k', { a: 'mine' })] });
  hear(put({ id: 'k', at: 1, a: 'theirs', b: 'theirs' }));
  expect(shown()).toEqual([{ id: 'k', at: 1, a: 'mine', b: 'theirs' }]);
  writes.withdraw('w');
  expect(shown()).toEqual([{ id: 'k', at: 1, a: 'theirs', b: 'theirs' }]);
});

test('O1: a read that began before a write was confirmed does not take the confirmed row away', () => {
  const { writes, shown, read } = setup();
  writes.show({ id: 'w', order: 1, effects: [insert({ id: 'k', at: 1 })] });
  const answer = read('all');
  writes.confirm('w', [{ id: 'k', at: 1 }]);
  answer([], []);
  expect(shown().map(({ id }) => id)).toEqual(['k']);
});

test('O1: a write confirmed without its row is shown until the row was read', () => {
  const { writes, shown, rows, read, asked, pass } = setup();
  writes.show({ id: 'w', order: 1, effects: [insert({ id: 'k', at: 1 })] });
  writes.confirm('w', null);
  expect([[...asked], shown(), rows.pendingKeys.size]).toEqual([['k'], [{ id: 'k', at: 1 }], 0]);
  const answer = read(asked);
  pass(100);
  answer([{ id: 'k', at: 1, made: 'now' }], []);
  expect(shown()).toEqual([{ id: 'k', at: 1, made: 'now' }]);
});

test('O1: a row that was inserted and deleted does not come back until it was read', () => {
  const { writes, shown } = setup();
  writes.show({ id: 'w', order: 1, effects: [insert({ id: 'k', at: 1 })] });
  writes.confirm('w', null);
  writes.show({ id: 'd', order: 2, effects: [remove('k')] });
  writes.confirm('d', [{ id: 'k' }]);
  expect(shown()).toEqual([]);
});

test('O1: a row whose deletion was confirmed does not come back by a change from before that', () => {
  const { writes, shown, hear } = setup();
  writes.show({ id: 'd', order: 1, effects: [remove('k')] });
  hear(put({ id: 'k', at: 1, a: 1 }, 1));
  writes.confirm('d', [{ id: 'k' }]);
  hear(put({ id: 'k', at: 1, a: 2 }, 2));
  expect(shown()).toEqual([]);
});

test('O1: a row whose write was confirmed without it does not go by a change from before that', () => {
  const { writes, shown, hear } = setup();
  writes.show({ id: 'w', order: 1, effects: [update('k', { a: 2 })] });
  hear(put({ id: 'k', at: 1, a: 1 }, 1));
  writes.confirm('w', null);
  hear(gone('k', 2));
  expect(shown()).toEqual([{ id: 'k', at: 1, a: 2 }]);
});

test('O1: a row that was deleted while its write was confirmed does not come back', () => {
  const { writes, shown, hear, read, asked } = setup({ version: true });
  writes.show({ id: 'w', order: 1, effects: [insert({ id: 'k', at: 1, v: 1 })] });
  hear(put({ id: 'k', at: 1, v: 1 }, 1));
  hear(gone('k', 2));
  writes.confirm('w', [{ id: 'k', at: 1, v: 1 }]);
  expect([...asked]).toEqual(['k']);
  read(asked)([], ['k']);
  expect(shown()).toEqual([]);
});

test('O1: a write to a row of which only the database can tell whether it meets the condition is shown until it was read', () => {
  const { hear, writes, rows, asked, shown, read } = setup({ matches: whereMatches([{ column: 'word', operator: 'gt', value: 'n' }]) });
  read('all')([{ id: 'k', at: 1, word: 'Z' }], []);
  writes.show({ id: 'w1', order: 1, effects: [update('k', { a: 1 })] });
  hear(put({ id: 'k', at: 1, word: 'Z', b: 1 }));
  expect(shown()).toEqual([{ id: 'k', at: 1, word: 'Z', a: 1, b: 1 }]);
  writes.confirm('w1', [{ id: 'k', at: 1, word: 'Z', a: 1, b: 1 }]);
  writes.show({ id: 'w2', order: 2, effects: [insert({ id: 'l', at: 2, word: 'Y' })] });
  asked.clear();
  writes.confirm('w2', [{ id: 'l', at: 2, word: 'Y' }]);
  expect([shown().map(({ id }) => id), [...asked]]).toEqual([['k', 'l'], ['l']]);
  read(new Set(['l']))([], ['l']);
  expect(shown().map(({ id }) => id)).toEqual(['k']);
  expect(rows.pendingKeys.size).toBe(0);
});

test('a row that fails its schema is not shown before it is confirmed', () => {
  const { writes, shown } = setup();
  writes.show({ id: 'w', order: 1, effects: [insert({ id: 'k' })] });
  expect(shown()).toEqual([]);
});

test('what ended while nobody looked is shown until all rows were read', () => {
  const { writes, rows, shown, read } = setup();
  writes.show({ id: 'w', order: 1, effects: [insert({ id: 'k', at: 1 })] });
  rows.stop();
  writes.confirm('w', [{ id: 'k', at: 1 }]);
  rows.start();
  expect(shown()).toEqual([{ id: 'k', at: 1 }]);
  read('all')([{ id: 'k', at: 2 }], []);
  expect(shown()).toEqual([{ id: 'k', at: 2 }]);
});

test('O1: a write that failed while nobody looked is not shown to who looks again, nor before', () => {
  const { writes, rows, shown, hear } = setup();
  hear(put({ id: 'l', at: 2, a: 1 }));
  writes.show({ id: 'w', order: 1, effects: [insert({ id: 'k', at: 1 })] });
  writes.show({ id: 'u', order: 2, effects: [update('l', { a: 2 })] });
  rows.stop();
  writes.withdraw('w');
  expect(shown()).toEqual([{ id: 'l', at: 2, a: 2 }]);
  writes.show({ id: 'u', order: 3, effects: [update('l', { a: 3 })] });
  writes.withdraw('u');
  expect(shown()).toEqual([{ id: 'l', at: 2, a: 1 }]);
  rows.start();
  expect([shown(), rows.pendingKeys.size]).toEqual([[{ id: 'l', at: 2, a: 1 }], 0]);
});

test('while nobody looks, writes are followed until all that were shown have ended', () => {
  const { writes, rows, shown, onCommit } = setup();
  writes.show({ id: 'w', order: 1, effects: [insert({ id: 'k', at: 1 })] });
  rows.stop();
  let commits = 0;
  onCommit(() => { commits += 1; });
  writes.show({ id: 'later', order: 2, effects: [insert({ id: 'l', at: 2 })] });
  expect(shown()).toEqual([{ id: 'k', at: 1 }]);
  writes.confirm('w', null);
  const followed = commits;
  writes.confirm('later', null);
  expect(commits).toBe(followed);
  rows.start();
  expect([shown(), rows.pendingKeys.size]).toEqual([[{ id: 'k', at: 1 }], 0]);
});

// The model: rows held, in a map, with every effect applied in order; then filter, sort and cut.
const effectArbitrary = fc.oneof(
  fc.record({ id: fc.constantFrom(...IDS), at: fc.nat(6), a: fc.nat(9) }).map((row) => insert(row)),
  fc.record({ id: fc.constantFrom(...IDS), values: fc.oneof(fc.record({ at: fc.nat(6) }), fc.record({ a: fc.nat(9) })) }).map(({ id, values }) => update(id, values)),
  fc.constantFrom(...IDS).map(remove),
);
const modelStep = fc.oneof(
  fc.record({ do: fc.constant('change' as const), row: fc.record({ id: fc.constantFrom(...IDS, 'n', 'o'), at: fc.nat(6), a: fc.nat(9) }) }),
  fc.record({ do: fc.constant('gone' as const), id: fc.constantFrom(...IDS, 'n', 'o') }),
  fc.record({ do: fc.constant('show' as const), order: fc.nat(3), effects: fc.array(effectArbitrary, { minLength: 1, maxLength: 3 }) }),
  fc.record({ do: fc.constant('withdraw' as const), which: fc.nat() }),
);

function modelOf(held: readonly AnyRow[], writes: readonly { order: number; effects: readonly OptimisticEffect[] }[], { matches, ascending, limit }: Required<Pick<SetupOptions, 'matches' | 'ascending' | 'limit'>>): AnyRow[] {
  const rows = new Map(held.map((row) => [String(row['id']), row]));
  for (const { effects } of [...writes].sort((a, b) => a.order - b.order)) {
    for (const effect of effects) {
      const id = String(effect.type === 'INSERT' ? effect.row['id'] : effect.key['id']);
      const row = rows.get(id);
      if (effect.type === 'DELETE') rows.delete(id);
      else if (effect.type === 'INSERT' && row === undefined) rows.set(id, effect.row);
      else if (effect.type === 'UPDATE' && row !== undefined) rows.set(id, { ...row, ...effect.changes });
    }
  }
  const at = (row: AnyRow): number => Number(row['at']) * (ascending ? 1 : -1);
  return [...rows.values()].filter((row) => matches(row) === true).sort((a, b) => at(a) - at(b) || (String(a['id']) < String(b['id']) ? -1 : 1)).slice(0, limit);
}

test('O1: at every commit the rows shown are the rows held with the effects applied in order, filtered, sorted and cut', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(fc.array(modelStep, { maxLength: 40 }), fc.integer({ min: 1, max: 6 }), fc.boolean(), fc.integer({ min: 3, max: 9 }), (steps, limit, ascending, most) => {
      const options = { limit, ascending, matches: (row: AnyRow) => Number(row['a']) <= most };
      const { merge, writes, shown, hear, onCommit, rows } = setup(options);
      const pending: { id: string; order: number; effects: readonly OptimisticEffect[] }[] = [];
      const check = (): void => {
        const held = [...merge.window.keys()].map((key) => merge.window.get(key) as AnyRow);
        // Past the end of what was read others may come first.
        const expected = modelOf(held, pending, { ...options, matches: (row) => held.includes(row) || (options.matches(row) && merge.window.reaches(row)) });
        expect(shown()).toEqual(expected);
        expect(rows.size).toBeGreaterThanOrEqual(expected.length);
        for (const row of expected) if (held.includes(row)) expect(shown()).toContain(row);
      };
      onCommit(check);
      for (const [at, step] of steps.entries()) {
        if (step.do === 'change') hear(put(step.row, at));
        if (step.do === 'gone') hear(gone(step.id, at));
        if (step.do === 'show') {
          const write = { id: String(at), order: step.order, effects: step.effects };
          pending.push(write);
          writes.show(write);
        }
        if (step.do === 'withdraw' && pending.length > 0) {
          const [{ id } = { id: '' }] = pending.splice(step.which % pending.length, 1);
          writes.withdraw(id);
        }
      }
      for (let last = pending.pop(); last !== undefined; last = pending.pop()) writes.withdraw(last.id);
      expect(rows.view()).toBe(merge.window.view());
    }),
    { numRuns: deepRuns({ usual: 500, deep: 20_000 }) },
  );
});

/** Ids that the client makes rows with; nobody else does. */
const OWN = ['x', 'y', 'z'];
const ALL = [...IDS, ...OWN];

/** What happens between a client, its server and others; numbers choose among what is possible at that moment. */
const worldStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('others' as const), id: fc.constantFrom(...ALL), a: fc.boolean(), gone: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('stream' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('enqueue' as const), id: fc.constantFrom(...ALL), isUpdate: fc.boolean(), a: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), refused: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const), withRow: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('answered' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
);
type WorldStep = typeof worldStep extends fc.Arbitrary<infer S> ? S : never;

interface Sent {
  readonly id: string;
  readonly key: string;
  readonly effect: OptimisticEffect;
  /** How many commits the server had after it; null while it was not sent. */
  commits: number | null;
  answer: readonly AnyRow[];
  /** Whether the list has shown it. */
  shown: boolean;
}

/** A table on a server with its commits, the stream of them, and a client that writes to it. */
function createWorld(version: boolean) {
  const client = setup({ version });
  const server = new Map<string, AnyRow>();
  /** The table after every commit; the first is the empty one. */
  const states: ReadonlyMap<string, AnyRow>[] = [new Map()];
  const stream: Change<unknown>[] = [];
  const queue: Sent[] = [];
  const failed = new Set<string>();
  let reading: { whole: boolean; finish: (put: readonly AnyRow[], gone: readonly string[]) => void; put: AnyRow[]; gone: string[] } | null = null;
  let value = 0;
  /** Whether the list is mounted, and whether it was mounted again and has not begun to read what it missed. */
  let [looking, missed] = [true, false];

  const commitRow = (id: string, row: AnyRow | null): void => {
    const at = states.length;
    if (row === null) server.delete(id);
    else server.set(id, { ...row, v: at });
    states.push(new Map(server));
    stream.push(row === null ? gone(id, at) : put({ ...row, v: at }, at));
  };
  const send = (sent: Sent, refused: boolean): void => {
    const { effect, key } = sent;
    const known = server.get(key);
    // A write that matches no row, or makes one that is there, fails.
    if (refused || (effect.type === 'INSERT') !== (known === undefined)) {
      queue.splice(queue.indexOf(sent), 1);
      failed.add(sent.id);
      client.writes.withdraw(sent.id);
      return;
    }
    commitRow(key, effect.type === 'DELETE' ? null : effect.type === 'INSERT' ? effect.row : { ...known, ...effect.changes });
    sent.commits = states.length - 1;
    sent.answer = [server.get(key) ?? { id: key }];
  };
  const begin = (): void => {
    if (!looking || reading !== null || (client.asked.size === 0 && !missed)) return;
    const keys = new Set(missed ? ALL : client.asked);
    reading = { whole: missed, finish: client.read(missed ? 'all' : keys), put: [...server].filter(([key]) => keys.has(key)).map(([, row]) => row), gone: [...keys].filter((key) => !server.has(key)) };
    client.asked.clear();
    missed = false;
  };
  const finish = (): void => {
    const done = reading;
    reading = null;
    if (done?.whole) answered.push(...unread.splice(0));
    done?.finish(done.put, done.gone);
  };
  /** The list is unmounted, which ends its channel and what it reads, or mounted again, and reads everything. */
  const look = (): void => {
    looking = !looking;
    client.asked.clear();
    reading = null;
    stream.length = 0;
    missed = looking;
    if (looking) {
      for (const sent of queue) sent.shown = true;
      client.merge.forgetCommits();
      client.rows.start();
    } else client.rows.stop();
  };
  const step = (doing: WorldStep): void => {
    value += 1;
    const waiting = queue.find(({ commits }) => commits === null);
    switch (doing.do) {
      case 'others':
        if (!server.has(doing.id) && OWN.includes(doing.id)) return;
        if (!doing.gone) commitRow(doing.id, { id: doing.id, at: 1, a: 0, b: 0, ...server.get(doing.id), [doing.a ? 'a' : 'b']: value });
        else if (server.has(doing.id)) commitRow(doing.id, null);
        return;
      case 'stream': {
        const change = stream.shift();
        if (change !== undefined && looking) client.hear(change);
        return;
      }
      case 'enqueue': {
        const values = { [doing.a ? 'a' : 'b']: value };
        const isNew = OWN.includes(doing.id) && !made.has(doing.id);
        if (isNew) made.add(doing.id);
        const effect = isNew ? insert({ id: doing.id, at: 1, a: 0, b: 0, ...values }) : doing.isUpdate ? update(doing.id, values) : remove(doing.id);
        queue.push({ id: String(value), key: doing.id, effect, commits: null, answer: [], shown: looking });
        client.writes.show({ id: String(value), order: value, effects: [effect] });
        return;
      }
      case 'send':
        if (waiting !== undefined) send(waiting, doing.refused);
        return;
      case 'answer': {
        const [first] = queue;
        if (first === undefined || first.commits === null) return;
        queue.shift();
        // Of a row that was never seen, a confirmation without it says nothing before it was read.
        if (doing.withRow || first.effect.type !== 'UPDATE' || client.shown().some(({ id }) => id === first.key)) (first.shown ? answered : unread).push(first);
        client.writes.confirm(first.id, doing.withRow ? first.answer : null);
        return;
      }
      case 'read':
        begin();
        return;
      case 'answered':
        finish();
        return;
      case 'pass':
        client.pass(1_000);
        return;
      case 'look':
        look();
    }
  };
  /** Confirmed writes: what was before them must not be seen again; of those that were never shown once all was read. */
  const answered: Sent[] = [];
  const unread: Sent[] = [];
  const seenBefore = new Set<string>();
  const made = new Set<string>();
  return { seenBefore, client, server, states, stream, queue, answered, step, begin, finish, isReading: () => reading !== null, isLooking: () => looking };
}

/** Checks that nothing is shown from before a write that was confirmed: each column, and whether there is a row, is as the server had it then or later, with the writes that wait applied. */
function checkNotBefore({ client, states, queue, answered, seenBefore }: ReturnType<typeof createWorld>): void {
  const shown = new Map(client.shown().map((row) => [String(row['id']), row]));
  for (const key of ALL) {
    const seen = shown.get(key);
    // A row that the client has not seen yet may stay so until it was read or sent.
    const isUnknown = seen === undefined && !seenBefore.has(key);
    if (seen !== undefined) seenBefore.add(key);
    else seenBefore.delete(key);
    if (isUnknown) continue;
    const waiting = queue.filter((sent) => sent.key === key && sent.shown).map(({ effect }, order) => ({ order, effects: [effect] }));
    const possible = (concerns: (effect: OptimisticEffect) => boolean): (AnyRow | undefined)[] => {
      const since = Math.max(0, ...answered.filter((sent) => sent.key === key && concerns(sent.effect)).map(({ commits }) => commits ?? 0));
      return states.slice(since).map((state) => modelOf([...state.values()], waiting, { matches: (row) => row['id'] === key, ascending: true, limit: 1 })[0]);
    };
    if (seen === undefined) expect(possible(() => true)).toContain(undefined);
    else for (const column of ['a', 'b']) expect(possible((effect) => effect.type !== 'UPDATE' || column in effect.changes).map((row) => row?.[column])).toContain(seen[column]);
  }
}

test('O1: from its enqueue on a write is seen at every commit, through its confirmation, and in the end the rows are the table', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(fc.array(worldStep, { maxLength: 60 }), fc.boolean(), (steps, version) => {
      const world = createWorld(version);
      const { client, stream, queue } = world;
      let acting = false;
      client.onCommit(() => {
        if (!acting) checkNotBefore(world);
      });
      for (const one of steps) {
        // The queue is changed before the client is told, so every commit is checked against what is true then.
        acting = false;
        world.step(one);
        checkNotBefore(world);
      }
      while (queue.length > 0) {
        world.step({ do: 'send', refused: false });
        world.step({ do: 'answer', withRow: false });
      }
      if (!world.isLooking()) world.step({ do: 'look' });
      while (stream.length > 0) world.step({ do: 'stream' });
      for (let round = 0; round < 4; round += 1) {
        world.begin();
        world.finish();
        client.pass(1_000);
      }
      world.begin();
      world.finish();
      expect([world.isReading(), client.timers.size, client.rows.pendingKeys.size]).toEqual([false, 0, 0]);
      expect(client.shown()).toEqual([...world.server.values()].sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1)));
      expect(client.rows.view()).toBe(client.merge.window.view());
    }),
    { numRuns: deepRuns({ usual: 500, deep: 20_000 }) },
  );
});
