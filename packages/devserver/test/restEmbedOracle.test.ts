import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRestServer, type RestServer } from './restServer.ts';

/** Rows with and without relatives, a view with other names for the columns of a key, and a function of a row. */
const SCHEMA = `
create table writers (id int primary key, n int);
create table books (id int primary key, n int, writer int references writers);
create table tags (id int primary key, n int);
create table book_tags (book int references books, tag int references tags, primary key (book, tag));
insert into writers select i, i % 3 from generate_series(1, 5) i;
insert into books select i, (i * 7) % 5, nullif(i % 5, 0) from generate_series(1, 12) i;
insert into tags select i, i % 2 from generate_series(1, 4) i;
insert into book_tags select b, t from generate_series(1, 12) b, generate_series(1, 4) t where (b * t) % 5 in (1, 2);
create view shelf as select b.id, b.n, b.writer as by_whom from books b;
create function later(books) returns setof books language sql stable as 'select * from books where id > $1.id and id <= $1.id + 2';
`;

interface Row {
  readonly id: number;
  readonly n: number | null;
  readonly writer?: number | null;
}
type Table = 'writers' | 'books' | 'tags' | 'shelf';

/** A way from a row to rows of another table; the reference walks it over all rows. */
interface Way {
  readonly to: Table;
  readonly isOne: boolean;
  readonly leads: (from: Row, to: Row) => boolean;
}

let server: RestServer;
const rows = new Map<Table, Row[]>();
const pairs = new Set<string>();
beforeAll(async () => {
  server = await startRestServer(SCHEMA);
  for (const table of ['writers', 'tags', 'books'] as const) rows.set(table, await server.db.query<Row>(`select * from ${table} order by id`));
  rows.set('shelf', await server.db.query<Row>('select id, n, by_whom as writer from shelf order by id'));
  for (const { book, tag } of await server.db.query<{ book: number; tag: number }>('select book, tag from book_tags')) pairs.add(`${book}-${tag}`);
}, 60_000);
afterAll(() => server.close());

const tagged = (book: Row, tag: Row) => pairs.has(`${book.id}-${tag.id}`);
const wrote = (writer: Row, book: Row) => book.writer === writer.id;
const writtenBy = (book: Row, writer: Row) => wrote(writer, book);
const WAYS: Record<Table, Record<string, Way>> = {
  writers: { books: { to: 'books', isOne: false, leads: wrote }, shelf: { to: 'shelf', isOne: false, leads: wrote } },
  books: {
    writers: { to: 'writers', isOne: true, leads: writtenBy },
    tags: { to: 'tags', isOne: false, leads: tagged },
    later: { to: 'books', isOne: false, leads: (book, other) => other.id > book.id && other.id <= book.id + 2 },
  },
  tags: { books: { to: 'books', isOne: false, leads: (tag, book) => tagged(book, tag) }, shelf: { to: 'shelf', isOne: false, leads: (tag, book) => tagged(book, tag) } },
  shelf: { writers: { to: 'writers', isOne: true, leads: writtenBy }, tags: { to: 'tags', isOne: false, leads: tagged } },
};

/** What is asked of one resource. `least` filters by `n`, `limit` keeps the first of an order. */
interface Query {
  readonly table: Table;
  readonly least: number | null;
  readonly descending: boolean;
  readonly limit: number | null;
  readonly embeds: readonly Embed[];
}
interface Embed {
  readonly name: string;
  readonly join: '' | '!inner' | '!left';
  readonly spread: boolean;
  readonly query: Query;
}

const queryOf = (table: Table, depth: number): fc.Arbitrary<Query> =>
  fc.record({
    table: fc.constant(table),
    least: fc.option(fc.integer({ min: 0, max: 3 })),
    descending: fc.boolean(),
    limit: fc.option(fc.integer({ min: 1, max: 4 })),
    embeds: depth === 0 ? fc.constant([]) : fc.uniqueArray(fc.constantFrom(...Object.keys(WAYS[table])).chain((name) => embedOf(table, name, depth - 1)), { maxLength: 2, selector: ({ name }) => name }),
  });
const embedOf = (table: Table, name: string, depth: number): fc.Arbitrary<Embed> =>
  fc.record({ name: fc.constant(name), join: fc.constantFrom('' as const, '!inner' as const, '!left' as const), spread: fc.boolean(), query: queryOf(wayOf(table, name).to, depth) });

function wayOf(table: Table, name: string): Way {
  const way = WAYS[table][name];
  if (way === undefined) throw new Error(`there is no way from ${table} to ${name}`);
  return way;
}

// The request: everything is named by the path to it, so that what is spread collides with nothing.
const keyOf = ({ name, spread }: Embed, path: string): string => (spread ? name : `${path}_${name}`);
function selectOf({ embeds }: Query, path: string): string {
  const parts = embeds.map((embed) => {
    const { name, join, spread, query } = embed;
    return `${spread ? '...' : `${keyOf(embed, path)}:`}${name}${join}(${selectOf(query, `${path}_${name}`)})`;
  });
  return [`${path}_id:id`, `${path}_n:n`, ...parts].join(',');
}
/** `keys` are those of the embedded resources on the way. A row that is alone needs no order. */
function parametersOf({ table, least, descending, limit, embeds }: Query, path: string, keys: readonly string[], isRow = false): [string, string][] {
  const parameters: [string, string][] = [];
  const add = (word: string, value: string) => parameters.push([[...keys, word].join('.'), value]);
  if (least !== null) add('n', `gte.${least}`);
  if (!isRow) add('order', descending ? 'n.desc.nullslast,id.desc' : 'id');
  if (!isRow && limit !== null) add('limit', String(limit));
  return [...parameters, ...embeds.flatMap((embed) => parametersOf(embed.query, `${path}_${embed.name}`, [...keys, keyOf(embed, path)], wayOf(table, embed.name).isOne))];
}

// The reference: nested loops over all rows.
type Json = Record<string, unknown>;
function answer(query: Query, path: string, candidates: readonly Row[], isRow = false): Json[] {
  const { least, descending, limit, embeds, table } = query;
  const found = candidates
    .filter(({ n }) => least === null || (n !== null && n >= least))
    .flatMap((row) => {
      const parts = embeds.map((embed) => partOf(embed, table, row, path));
      return parts.includes(null) ? [] : [{ row, json: Object.assign({ [`${path}_id`]: row.id, [`${path}_n`]: row.n }, ...parts) as Json }];
    });
  if (isRow) return found.map(({ json }) => json);
  const order = (a: Row, b: Row) => (descending ? (b.n ?? -1) - (a.n ?? -1) || b.id - a.id : a.id - b.id);
  return found.sort((a, b) => order(a.row, b.row)).slice(0, limit ?? undefined).map(({ json }) => json);
}
/** What an embedded resource adds to its parent; null when it drops it. */
function partOf(embed: Embed, from: Table, row: Row, path: string): Json | null {
  const { name, join, spread, query } = embed;
  const way = wayOf(from, name);
  const found = answer(query, `${path}_${name}`, (rows.get(way.to) ?? []).filter((other) => way.leads(row, other)), way.isOne);
  if (join === '!inner' && found.length === 0) return null;
  if (!spread) return { [keyOf(embed, path)]: way.isOne ? (found[0] ?? null) : found };
  const keys = keysOf(query, `${path}_${name}`);
  return Object.fromEntries(keys.map((key) => [key, way.isOne ? (found[0]?.[key] ?? null) : found.map((json) => json[key])]));
}
function keysOf({ embeds }: Query, path: string): string[] {
  return [`${path}_id`, `${path}_n`, ...embeds.flatMap((embed) => (embed.spread ? keysOf(embed.query, `${path}_${embed.name}`) : [keyOf(embed, path)]))];
}

it('random trees of embedded resources give what nested loops over the tables give', async () => {
  const authorization = `Bearer ${await server.token({ role: 'service_role' })}`;
  const query = fc.constantFrom<Table>('writers', 'books', 'tags', 'shelf').chain((table) => queryOf(table, 3));
  await fc.assert(
    fc.asyncProperty(query, async (asked) => {
      const parameters = new URLSearchParams([['select', selectOf(asked, 'r')], ...parametersOf(asked, 'r', [])]);
      const reply = await server.fetch(`/${asked.table}?${parameters.toString()}`, { headers: { authorization, prefer: 'count=exact' } });
      const expected = answer(asked, 'r', rows.get(asked.table) ?? []);
      expect([reply.status < 300, await reply.json()]).toEqual([true, expected]);
      const total = answer({ ...asked, limit: null }, 'r', rows.get(asked.table) ?? []).length;
      expect(reply.headers.get('content-range')?.split('/')[1]).toBe(String(total));
    }),
    { numRuns: 150 },
  );
}, 120_000);
