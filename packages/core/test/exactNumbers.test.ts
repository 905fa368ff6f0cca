import fc from 'fast-check';
import * as z from 'zod/mini';
import { beforeAll, expect, test } from 'vitest';
import { defineChannel, type Change, type InvalidPayload } from '../src/index.ts';
import { useBackend } from './support/backend.ts';
import { deepRuns } from './support/deep.ts';
import { keep, until } from './support/until.ts';

const backend = useBackend();

const digits = z.nullable(z.string());
const number = z.nullable(z.number());
/** Every number as text, with all its digits. */
const asText = defineChannel({
  name: 'asText',
  topic: 'as-text',
  tables: { amounts: { row: z.object({ id: z.string(), big: digits, amount: digits, list: z.nullable(z.array(digits)) }), exact: ['id', 'big', 'amount', 'list'] } },
});
/** Every number as a number. */
const asNumbers = defineChannel({
  name: 'asNumbers',
  topic: 'as-numbers',
  tables: { amounts: { row: z.object({ id: z.number(), big: number, amount: number, ratio: number }) } },
});

beforeAll(async () => {
  for (const statement of [
    'create table public.amounts (id int8 primary key, big int8, amount numeric, list numeric[], ratio float8)',
    'grant select on public.amounts to authenticated',
    'alter publication supabase_realtime add table public.amounts',
  ]) await backend.server.sql(statement);
});

interface Amounts {
  id: string;
  big: string | null;
  amount: string | null;
  list: string | null;
  ratio: string | null;
}

const int8 = fc.oneof(fc.constantFrom('9223372036854775807', '-9223372036854775808', '9007199254740991', '9007199254740992', '9007199254740993', '0'), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String), fc.integer().map(String));
const numeric = fc.oneof(
  fc.constantFrom('NaN', 'Infinity', '-Infinity', '0.00', '-0.10', '12345678901234567890.1234567890', '9007199254740992', '9007199254740991.5'),
  fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 25 })).map(([value, scale]) => `${String(value)}${scale === 0 ? '' : `.${'5'.padStart(scale, '0')}`}`),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }).map((value) => value.toFixed(6)),
);
const finite = numeric.filter((text) => /\d/.test(text));
const row: fc.Arbitrary<Omit<Amounts, 'id'>> = fc.record({
  big: fc.option(int8),
  amount: fc.option(numeric),
  list: fc.option(fc.array(fc.option(finite), { maxLength: 4 }).map((items) => `{${items.map((item) => item ?? 'NULL').join(',')}}`)),
  ratio: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)),
});
const rows = fc.uniqueArray(fc.tuple(int8, row), { selector: ([id]) => id, minLength: 20, maxLength: 40 }).map((list) => list.map(([id, values]): Amounts => ({ id, ...values })));

/** Replaces the table's rows; gives what the database then has, every number as text. */
async function write(values: readonly Amounts[]): Promise<Amounts[]> {
  const { server } = backend;
  await server.sql('truncate public.amounts');
  await server.sql('insert into public.amounts select * from json_to_recordset($1::json) as r (id int8, big int8, amount numeric, list numeric[], ratio float8)', [JSON.stringify(values)]);
  return server.sql<Amounts & Record<string, unknown>>('select id::text, big::text, amount::text, list::text, ratio::text from public.amounts order by amounts.id');
}

/** What the stream can say: NaN and infinity are null there. */
const onStream = (text: string | null): string | null => (text !== null && /\d/.test(text) ? text : null);
const listOf = (text: string | null): (string | null)[] | null => (text === null ? null : text === '{}' ? [] : text.slice(1, -1).split(',').map((item) => (item === 'NULL' ? null : item)));
/** Whether a double holds this text, or it is a fraction within 2^53. */
const fits = (text: string | null): boolean => text === null || Math.abs(Number(text)) <= Number.MAX_SAFE_INTEGER || (!text.includes('.') && BigInt(text) === BigInt(Number(text)));

test('R8: int8 and numeric named in `exact` are the database\'s own digits, in the stream and in snapshots', async () => {
  const { realtime } = await backend.open('sara');
  const channel = realtime.channel(asText);
  let heard: Change<unknown>[] = [];
  const invalid: InvalidPayload[] = [];
  channel.changes$('amounts').subscribe((change) => heard.push(change));
  channel.invalid$.subscribe((one) => invalid.push(one));
  const query = realtime.live({ channel, table: 'amounts', orderBy: { column: 'id' }, limit: 100 });
  await until(query.store, ({ status }) => status === 'live', 'live');
  await fc.assert(
    fc.asyncProperty(rows, async (values) => {
      heard = [];
      const arrived = until(channel.changes$('amounts'), () => heard.length === values.length, 'every change');
      const stored = await write(values);
      await arrived;
      const byKey = new Map(heard.map((change) => [change.key, change.type === 'DELETE' ? null : change.row]));
      expect(stored.map(({ id }) => byKey.get(id))).toEqual(stored.map(({ id, big, amount, list }) => ({ id, big, amount: onStream(amount), list: listOf(list) })));

      await query.refresh();
      expect(query.store.get().rows).toEqual(stored.map(({ id, big, amount, list }) => ({ id, big, amount, list: listOf(list) })));
    }),
    { numRuns: deepRuns({ usual: 15, deep: 500 }) },
  );
  expect(invalid).toEqual([]);
}, 600_000);

test.each([
  ['with decodeFrame', undefined],
  ['with supabase-js\'s own decoder', null],
])('R8: a number is the number the database has, or it is reported, %s', async (_, decode) => {
  const { realtime } = await backend.open('sara', decode === undefined ? {} : { decode });
  const channel = realtime.channel(asNumbers);
  const heard = new Map<string, unknown>();
  let reported: (string | null)[] = [];
  channel.changes$('amounts').subscribe((change) => heard.set(change.key, change.type === 'DELETE' ? null : change.row));
  let snapshots = 0;
  channel.invalid$.subscribe(({ kind, key, reason }) => {
    expect(reason).toBe('inexact');
    if (kind === 'change') reported.push(key);
    else snapshots += 1;
  });
  await until(channel.store, ({ status }) => status === 'live', 'live');
  await fc.assert(
    fc.asyncProperty(rows, async (values) => {
      heard.clear();
      reported = [];
      const stored = await write(values.filter(({ id }) => id !== '0'));
      const done = until(channel.changes$('amounts'), (change) => change.type === 'INSERT' && change.key === '0' && change.row.amount === 77, 'the last change');
      await backend.server.sql('insert into public.amounts (id, amount) values (0, 77)');
      await done;
      const isRight = ({ id, big, amount, list }: Amounts): boolean => [id, big, onStream(amount), ...(listOf(list) ?? [])].every(fits); // whether the schema has the column or not
      const known = (text: string | null): number | null => (onStream(text) === null ? null : Number(text));
      for (const one of stored) {
        if (heard.has(one.id)) expect(heard.get(one.id)).toEqual({ id: Number(one.id), big: known(one.big), amount: known(one.amount), ratio: known(one.ratio) });
        // Of a bare number past 2^53 nothing is known, even where a double happens to hold it.
        else expect(decode === null || !isRight(one)).toBe(true);
        if (!isRight(one)) expect(heard.has(one.id)).toBe(false);
      }
      const unheard = stored.filter(({ id }) => !heard.has(id));
      expect(reported.length).toBe(unheard.length);
      expect(reported.filter((key) => key !== null).every((key) => unheard.some(({ id }) => id === key))).toBe(true);
    }),
    { numRuns: deepRuns({ usual: 10, deep: 300 }) },
  );
  expect(snapshots).toBe(0);
}, 600_000);

test('R8: a snapshot reads doubtful columns again as text: what a double holds is shown, what it does not is reported', async () => {
  const { realtime } = await backend.open('sara');
  const channel = realtime.channel(asNumbers);
  const query = realtime.live({ channel, table: 'amounts', orderBy: { column: 'id' }, limit: 100 });
  const reasons: string[] = [];
  channel.invalid$.subscribe(({ kind, reason, issues }) => reasons.push(`${kind} ${reason} ${JSON.stringify(issues[0]?.path)}`));
  await backend.server.sql('truncate public.amounts');
  await backend.server.sql(`insert into public.amounts (id, big, amount, ratio) values (1, 1152921504606846976, 0.1, 1e300), (2, 9007199254740993, 1, 1), (3, 1, 12345678901234567890.5, 1), (4, 5, 6.50, 0.5)`);
  const { rows: shown } = await until(query.store, ({ status }) => status === 'live', 'live');
  expect(shown).toEqual([{ id: 1, big: 2 ** 60, amount: 0.1, ratio: 1e300 }, { id: 4, big: 5, amount: 6.5, ratio: 0.5 }]);
  expect(reasons).toEqual(['snapshot inexact ["big"]', 'snapshot inexact ["amount"]']);
});

test('R8: without decodeFrame, a live query reads again by key, as text, what the stream brought inexactly', async () => {
  const { realtime } = await backend.open('sara', { decode: null });
  const channel = realtime.channel(asText);
  const reported: string[] = [];
  channel.invalid$.subscribe(({ kind, reason }) => reported.push(`${kind} ${reason}`));
  const query = realtime.live({ channel, table: 'amounts', orderBy: { column: 'id' }, limit: 100 });
  await backend.server.sql('truncate public.amounts');
  const stop = keep(query.store);
  await until(query.store, ({ status }) => status === 'live', 'live');
  await query.refresh();
  await backend.server.sql(`insert into public.amounts (id, big, amount) values (1, 9007199254740993, 12.50), (9007199254740993, 1, 1)`);
  await until(query.store, ({ rows: held }) => held.some(({ big }) => big === '9007199254740993'), 'the row whose key is known');
  await query.refresh(); // where the key itself is inexact, the next sweep finds the row
  expect(query.store.get().rows).toMatchObject([{ id: '1', big: '9007199254740993', amount: '12.50' }, { id: '9007199254740993', amount: '1' }]);
  expect(new Set(reported)).toEqual(new Set(['change inexact']));
  stop();
});

test('R8, R9: keys that the schema makes a bigint are read on from, and in order', async () => {
  const bigints = defineChannel({ name: 'bigints', topic: 'bigints', tables: { amounts: { row: z.object({ id: z.coerce.bigint() }), exact: ['id', 'big', 'amount', 'list'] } } });
  const ids = Array.from({ length: 9 }, (_, n) => 2n ** 60n + BigInt(n));
  await write(ids.map((id) => ({ id: String(id), big: null, amount: null, list: null, ratio: null })));
  const { realtime } = await backend.open('sara');
  const live = realtime.live({ channel: bigints, table: 'amounts', orderBy: { column: 'id' }, limit: 2 });
  live.store.subscribe(() => undefined);
  await until(live.store, ({ status }) => status === 'live', 'live');
  await backend.server.sql('insert into public.amounts (id) select generate_series(1, 5)');
  await until(live.store, ({ rows: [first] }) => first?.id === 1n, 'the first');
  await live.loadMore();
  await live.loadMore();
  await live.loadMore();
  expect(live.store.get().rows.map(({ id }) => id)).toEqual([1n, 2n, 3n, 4n, 5n, ...ids.slice(0, 3)]);
});
