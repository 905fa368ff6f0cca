import type { SupabaseClient } from '@supabase/supabase-js';
import { createTestBackend, type TestBackend } from '@ruwad/realtime-devserver/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyOf as keyOfRow } from '../src/channel/parseChange.ts';
import { systemClock } from '../src/lib/clock.ts';
import { createTableReader, type TableReader } from '../src/live/tableReader.ts';
import { createVersionList } from '../src/live/versionList.ts';

const SARA = { id: 'a0000000-0000-4000-8000-000000000002' };

/** Columns of keys and of versions, by table. */
const TYPES: Readonly<Record<string, readonly [key: string, version: string]>> = {
  texts: ['text', 'timestamptz'],
  uuids: ['uuid', 'timestamp'],
  ints: ['int', 'int'],
  bigints: ['int8', 'int8'],
  numerics: ['numeric', 'numeric'],
  floats: ['float8', 'float8'],
  times: ['timestamptz', 'date'],
  bools: ['bool', 'text'],
};

let backend: TestBackend;
let reader: TableReader;
let csvRequests = 0;

beforeAll(async () => {
  const tables = Object.entries(TYPES).map(([table, [key, version]]) => `create table ${table} (id ${key} primary key, v ${version}); grant select on ${table} to authenticated;`);
  backend = await createTestBackend({ migrations: [], seed: null, setup: `${tables.join('\n')} create table pairs (a text, b int, v int, primary key (a, b)); grant select on pairs to authenticated;` });
  const supabase: SupabaseClient = await backend.signInAs(SARA, {
    global: {
      fetch: (url, init) => {
        if (new Headers(init?.headers).get('accept') === 'text/csv') csvRequests += 1;
        return fetch(url, init);
      },
    },
  });
  reader = createTableReader(() => supabase, systemClock);
});
afterAll(() => backend.close());

/** The list, and the same by rows of JSON, which is how a live query came to hold them. */
async function both(table: string, key: readonly string[], exact: readonly string[] = []) {
  const query = { schema: 'public', table, filters: [], order: { column: key[0] ?? '', ascending: true, key, exact } };
  const keyOf = (row: Readonly<Record<string, unknown>>): string => keyOfRow(row, key) ?? '';
  const list = createVersionList({ reader, query, version: 'v', keyOf });
  const rows = await reader.read(query, { columns: '*' });
  csvRequests = 0;
  return { list, listed: await list({ limit: 100_000 }), expected: rows.map((row) => ({ key: keyOf(row), version: row['v'] })) };
}

const value: Readonly<Record<string, fc.Arbitrary<string>>> = {
  text: fc.oneof(fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')), fc.constantFrom('', 't', '1', '1.0', '1e5', 'null', 'NULL', ',', '"', '\\', '\n', ' x ', '2026-01-01 00:00:00+00')),
  uuid: fc.uuid(),
  int: fc.integer().map(String),
  int8: fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n }).map(String),
  numeric: fc.oneof(fc.integer({ min: -99_999, max: 99_999 }).map((n) => (n / 100).toFixed(2)), fc.integer().map(String)),
  float8: fc.double({ noNaN: true, noDefaultInfinity: true, max: 1e15, min: -1e15 }).map(String),
  timestamptz: fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2999-01-01') }).map((date) => date.toISOString()),
  timestamp: fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2999-01-01') }).map((date) => date.toISOString().slice(0, -1)),
  date: fc.date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2999-01-01') }).map((date) => date.toISOString().slice(0, 10)),
  bool: fc.boolean().map(String),
};

test.each(Object.entries(TYPES))('a list of %s has the keys and versions that the rows have', async (table, [key, version]) => {
  const row = fc.tuple(value[key] ?? fc.constant(''), fc.option(value[version] ?? fc.constant('')));
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
      await backend.sql(`truncate ${table}`);
      await backend.sql(`insert into ${table} select (row ->> 0)::${key}, (row ->> 1)::${version} from jsonb_array_elements('${JSON.stringify(rows).replaceAll("'", "''")}'::jsonb) row on conflict do nothing`);
      const { listed, expected } = await both(table, ['id']);
      expect(listed).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

test('keys of several columns, and numbers past 2^53 that are named exact, are listed as CSV', async () => {
  await backend.sql(`insert into pairs values ('a,b', 1, 1), ('c', 20, null)`);
  const pairs = await both('pairs', ['a', 'b']);
  expect([pairs.listed, csvRequests]).toEqual([pairs.expected, 1]);
  await backend.sql(`truncate bigints`);
  await backend.sql(`insert into bigints values (9007199254740993, 9007199254740995), (7, 8)`);
  const exact = await both('bigints', ['id'], ['id', 'v']);
  expect([exact.listed, csvRequests]).toEqual([[{ key: '7', version: '8' }, { key: '9007199254740993', version: '9007199254740995' }], 1]);
  expect(exact.expected).toEqual(exact.listed);
});

test('keys that JSON writes otherwise turn a list to JSON, for good', async () => {
  await backend.sql(`truncate times`);
  await backend.sql(`insert into times values ('2026-01-01T10:00:00Z', '2026-01-01')`);
  const { list, listed, expected } = await both('times', ['id']);
  expect(listed).toEqual(expected);
  await list({ limit: 10 });
  expect(csvRequests).toBe(1);
});

test('a list goes on where a page ends, and may begin above a version', async () => {
  await backend.sql(`truncate ints`);
  await backend.sql(`insert into ints select i, i / 2 from generate_series(1, 2500) i`);
  const { list, listed, expected } = await both('ints', ['id']);
  expect(listed.length).toBe(2_500);
  expect(listed).toEqual(expected);
  expect((await list({ limit: 2_000, above: 1_249 })).map(({ key }) => key)).toEqual(['2500']);
});
