import { expect, test } from 'vitest';
import type { ChangeLog, LogAnswer, LogQuestion } from './changeLog.ts';
import { createChangeLogSource } from './changeLogSource.ts';
import type { Held, Repair, RepairRequest } from './repairSource.ts';
import type { AnyRow } from './rowWindow.ts';
import type { Listed } from './versionList.ts';

const order = { column: 'id', ascending: true, key: ['id'] };
const query = { schema: 'public', table: 'notes', filters: [], order };
const told: LogAnswer = { cursor: 'next', reset: false, more: false, needsKnown: false, rows: [], gone: [] };
const first: LogAnswer = { ...told, cursor: 'first', reset: true };
const gap: RepairRequest = { scope: 'all', patience: null };

interface Setup {
  /** Answers after the first one, in turn. */
  answers?: readonly (LogAnswer | null)[];
  begin?: LogAnswer | null;
  rows?: readonly AnyRow[];
  version?: string;
  end?: number;
  isUsed?: () => boolean;
  /** Whether rows are held where the server has them; else the ids of those whose place is known. */
  sure?: boolean | readonly number[];
}

/** A source whose table and log are the test's; every repair is merged unless told otherwise. */
function setup({ answers = [], begin = first, rows = [{ id: 1, v: 1 }], version, end, isUsed = () => true, sure = true }: Setup) {
  const asked: LogQuestion[] = [];
  const did: string[] = [];
  const given = [begin, ...answers];
  const log: ChangeLog = {
    ask(question) {
      asked.push(question);
      return Promise.resolve(given[asked.length - 1] ?? null);
    },
    end: () => undefined,
  };
  const byKey = new Map(rows.map((row) => [String(row['id']), row]));
  const held: Held = {
    wanted: rows.length,
    size: rows.length,
    cut: end !== undefined,
    end: () => null,
    keys: () => byKey.keys(),
    get: (key) => byKey.get(key),
    reaches: (row) => end === undefined || Number(row['id']) <= end,
    isSure: (some) => (typeof sure === 'boolean' ? sure : [...some].every(({ id }) => sure.includes(Number(id)))),
    versionOf: (key) => byKey.get(key)?.['v'],
    touched: () => false,
  };
  const table = {
    repair: () => {
      did.push('read the table');
      return Promise.resolve({ put: [], gone: [] });
    },
    readRows: (keys: readonly string[]) => {
      did.push(`read ${keys.join()}`);
      return Promise.resolve({ put: keys.map((id) => ({ id: Number(id), v: 'read' })), gone: [] });
    },
    readOn: () => Promise.resolve({ put: [], gone: [] }),
    differing: (_: Held, list: readonly Listed[]) => list.filter(({ key, version: v }) => byKey.get(key)?.['v'] !== v).map(({ key }) => key),
  };
  const source = createChangeLogSource(log, { isUsed, table, query, columns: '*', version, keyOf: (row) => String(row['id']) });
  const repair = async (request = gap, isMerged = true): Promise<Pick<Repair, 'put' | 'gone'>> => {
    const { put, gone, applied } = await source.repair(held, request);
    if (isMerged) applied?.();
    return { put, gone };
  };
  return { repair, asked, did, since: () => asked.map((question) => question.since) };
}

test('R2: a cursor is taken before the table is read, and the log is asked from there', async () => {
  const { repair, did, since } = setup({ answers: [{ ...told, rows: [{ id: 2 }], gone: [{ id: '1' }, { id: '404' }] }, told] });
  await repair();
  expect([did, since()]).toEqual([['read the table'], [null]]);
  expect(await repair()).toEqual({ put: [{ id: 2 }], gone: ['1'] });
  await repair();
  expect([did.length, since()]).toEqual([1, [null, 'first', 'next']]);
});

test('R4: what was told and not merged is asked for again', async () => {
  const { repair, since } = setup({ answers: [told, told, told] });
  await repair();
  await repair(gap, false);
  await repair();
  await repair();
  expect(since()).toEqual([null, 'first', 'first', 'next']);
});

test('R4: a first read that is not merged leaves no cursor', async () => {
  const { repair, did, since } = setup({ answers: [first, told] });
  await repair(gap, false);
  await repair();
  expect([did, since()]).toEqual([['read the table', 'read the table'], [null, null]]);
});

test('pages are one repair, in which the later word on a row counts', async () => {
  const { repair, since } = setup({
    rows: [{ id: 1 }, { id: 2 }],
    answers: [
      { ...told, cursor: 'page', more: true, rows: [{ id: 1, n: 'old' }, { id: 3 }], gone: [{ id: '2' }] },
      { ...told, rows: [{ id: 2 }, { id: 1, n: 'new' }], gone: [{ id: '3' }] },
    ],
  });
  await repair();
  expect(await repair()).toEqual({ put: [{ id: 1, n: 'new' }, { id: 2 }], gone: [] });
  expect(since()).toEqual([null, 'first', 'page']);
});

test('C1: the next page is not asked for when nobody subscribes any more', async () => {
  let isUsed = true;
  const { repair, asked } = setup({ answers: [{ ...told, more: true }, told], isUsed: () => isUsed });
  await repair();
  const catchingUp = repair();
  isUsed = false;
  await expect(catchingUp).rejects.toMatchObject({ code: 'channel/not-live' });
  expect(asked.length).toBe(2);
});

test('keys that are held are named where the log asks for them, a thousand at a time', async () => {
  const rows = Array.from({ length: 2_100 }, (_, id) => ({ id }));
  const asks: LogAnswer = { ...told, needsKnown: true };
  const { repair, asked } = setup({ rows, begin: { ...first, needsKnown: true }, answers: [asks, { ...asks, gone: [{ id: '1500' }] }, asks] });
  await repair();
  expect(await repair()).toEqual({ put: [], gone: ['1500'] });
  expect(asked.map(({ known }) => known.length)).toEqual([0, 1_000, 1_000, 100]);
  expect(asked[3]?.known[99]).toEqual(['2099']);
});

test('a sweep with a version column reads the rows that differ, after what is on its way had its time', async () => {
  const { repair, asked, did } = setup({ version: 'v', rows: [{ id: 1, v: 1 }, { id: 2, v: 1 }], answers: [{ ...told, rows: [{ id: 1, v: 1 }, { id: 2, v: 2 }, { id: 3, v: 1 }], gone: [] }] });
  await repair();
  const patience = (): Promise<void> => {
    did.push('waited');
    return Promise.resolve();
  };
  expect(await repair({ scope: 'all', patience })).toEqual({ put: [{ id: 2, v: 'read' }, { id: 3, v: 'read' }], gone: [] });
  expect([asked[1]?.columns, did]).toEqual(['id,v', ['read the table', 'waited', 'read 2,3']]);
});

test('rows beyond the end of a cut query are not read', async () => {
  const { repair, did } = setup({ version: 'v', end: 5, rows: [{ id: 1, v: 1 }, { id: 5, v: 1 }], answers: [{ ...told, rows: [{ id: 4, v: 1 }, { id: 6, v: 1 }] }] });
  await repair();
  await repair();
  expect(did).toEqual(['read the table', 'read 4']);
});

test.each([
  ['the log starts over', { ...told, cursor: 'again', reset: true }, [null, 'first', 'again']],
  ['the log does not answer', null, [null, 'first', null, 'after']],
  ['more changed than is wanted', { ...told, rows: Array.from({ length: 201 }, (_, id) => ({ id })) }, [null, 'first', null, 'after']],
])('when %s, the table is read, from a cursor taken before', async (_, answer, expected) => {
  const after = { ...told, cursor: 'after' };
  const { repair, did, since } = setup({ answers: [answer, after, after] });
  await repair();
  await repair();
  expect(did).toEqual(['read the table', 'read the table']);
  await repair();
  expect(since()).toEqual(expected);
});

test.each([
  ['what is held is where a guess puts it', false, ['read the table', 'read the table']],
  ['the place of a row that the log tells is not known', [1], ['read the table', 'read the table']],
  ['the server told all places', [1, 2], ['read the table']],
])('R9, R4: when %s, the order is read from the table where it is missing', async (_, sure, expected) => {
  const { repair, did } = setup({ sure, answers: [{ ...told, rows: [{ id: 1 }, { id: 2 }] }] });
  await repair();
  await repair();
  expect(did).toEqual(expected);
});

test('without a log the table is read each time', async () => {
  const { repair, did } = setup({ begin: null });
  await repair();
  await repair();
  expect(did).toEqual(['read the table', 'read the table']);
});

test('R5: the table itself is read when nothing held is to be trusted, and every tenth time, for what comes in or out of sight unwritten', async () => {
  const { repair, did } = setup({ answers: Array.from({ length: 30 }, () => told) });
  await repair();
  await repair({ scope: 'whole', patience: null });
  expect(did.length).toBe(2);
  for (let n = 3; n <= 10; n += 1) await repair();
  expect(did.length).toBe(3);
});
