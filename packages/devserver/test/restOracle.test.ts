import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRestServer, type RestServer } from './restServer.ts';

/** Rows of every combination of a few values, nulls included. */
const SCHEMA = `
create table t as
  select row_number() over ()::int as id, n::int, s::text, b::boolean, tags::text[], j::jsonb
  from unnest(array[null, -1, 0, 7]) n,
    unnest(array[null, '', 'a,b', '(x) "q" \\', 'A%_']) s,
    unnest(array[null, true, false]) b,
    unnest(array[null, '{}', '{a,"b,c"}']) tags,
    unnest(array[null, '{"k": 1}', '{"k": "1", "l": [1, {"m": null}]}']) j;`;

let server: RestServer;
beforeAll(async () => {
  server = await startRestServer(SCHEMA);
}, 60_000);
afterAll(() => server.close());

/** One condition, as REST says it and as SQL says it. */
interface Condition {
  rest: string;
  sql: string;
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const symbols = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;
const comparison = fc.constantFrom(...(Object.keys(symbols) as (keyof typeof symbols)[]));
const word = fc.oneof(fc.constantFrom('', 'a,b', '(x) "q" \\', 'A%_', 'a', "it's"), fc.string({ maxLength: 4 }).filter((text) => !text.includes('\0')));
const number = fc.integer({ min: -2, max: 8 });

const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.tuple(comparison, number).map(([op, n]) => ({ rest: `n.${op}.${n}`, sql: `n ${symbols[op]} ${n}` })),
  fc.tuple(comparison, word).map(([op, s]) => ({ rest: `s.${op}.${quoted(s)}`, sql: `s ${symbols[op]} ${literal(s)}` })),
  fc.array(number, { maxLength: 4 }).map((list) => ({ rest: `n.in.(${list.join(',')})`, sql: `n = any ('{${list.join(',')}}'::int[])` })),
  fc.array(word, { minLength: 2, maxLength: 4 }).map((list) => ({ rest: `s.in.(${list.map(quoted).join(',')})`, sql: `s in (${list.map(literal).join(', ')})` })),
  fc.tuple(fc.constantFrom('n', 's', 'b', 'tags', 'j'), fc.constantFrom('null', 'not_null')).map(([name, is]) => ({ rest: `${name}.is.${is}`, sql: `${name} is ${is.replace('_', ' ')}` })),
  fc.constantFrom('true', 'false', 'unknown').map((is) => ({ rest: `b.is.${is}`, sql: `b is ${is}` })),
  fc.boolean().map((b) => ({ rest: `b.eq.${b}`, sql: `b = ${b}` })),
  number.map((n) => ({ rest: `n.isdistinct.${n}`, sql: `n is distinct from ${n}` })),
  fc.tuple(fc.constantFrom('a%', '%b', '%', '%q%', 'a_b'), fc.constantFrom('like', 'ilike')).map(([p, op]) => ({ rest: `s.${op}.${quoted(p.replaceAll('%', '*'))}`, sql: `s ${op} ${literal(p)}` })),
  fc.tuple(fc.constantFrom('{a}', '{}', '{"b,c"}', '{a,"b,c",d}'), fc.constantFrom(['cs', '@>'], ['cd', '<@'], ['ov', '&&'], ['eq', '='])).map(([list, [op, symbol]]) => ({
    rest: `tags.${op}.${quoted(list)}`,
    sql: `tags ${symbol} ${literal(list)}`,
  })),
  fc.constantFrom('1', '2').map((k) => ({ rest: `j->>k.eq.${k}`, sql: `j ->> 'k' = ${literal(k)}` })),
  fc.constantFrom('1', '"1"').map((k) => ({ rest: `j->k.eq.${quoted(k)}`, sql: `j -> 'k' = ${literal(k)}` })),
  fc.constant({ rest: 'j->l->1.is.not_null', sql: `j -> 'l' -> 1 is not null` }),
  fc.tuple(comparison, fc.array(number, { minLength: 1, maxLength: 3 }), fc.constantFrom('any', 'all')).filter(([op]) => op !== 'neq').map(([op, list, many]) => ({ rest: `n.${op}(${many}).{${list.join(',')}}`, sql: `n ${symbols[op]} ${many} ('{${list.join(',')}}')` })),
);
const { condition } = fc.letrec<{ condition: Condition; group: Condition; negation: Condition }>((tie) => ({
  condition: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie('group'), tie('negation')),
  group: fc.tuple(fc.constantFrom('and', 'or'), fc.boolean(), fc.array(tie('condition'), { minLength: 1, maxLength: 3 })).map(([op, negated, terms]) => ({
    rest: `${negated ? 'not.' : ''}${op}(${terms.map(({ rest }) => rest).join(',')})`,
    sql: `${negated ? 'not ' : ''}(${terms.map(({ sql }) => sql).join(` ${op} `)})`,
  })),
  negation: leaf.map(({ rest, sql }) => ({ rest: rest.replace(/\.(?=(?:eq|neq|gte?|lte?|like|ilike|in|is|isdistinct|cs|cd|ov)[.(])/, '.not.'), sql: `not (${sql})` })),
}));
const order = fc.constantFrom(
  { rest: 'id.asc', sql: 'id' },
  { rest: 'n.desc.nullslast,id', sql: 'n desc nulls last, id' },
  { rest: 's.asc.nullsfirst,id.desc', sql: 's asc nulls first, id desc' },
  { rest: 'j->k.desc,id', sql: `j -> 'k' desc, id` },
);
const window = fc.record({ limit: fc.integer({ min: 0, max: 600 }), offset: fc.integer({ min: 0, max: 20 }) });

describe('random conditions', () => {
  it('choose the rows that plain SQL chooses, in its order', async () => {
    await fc.assert(
      fc.asyncProperty(condition, order, window, async (where, by, { limit, offset }) => {
        const expected = await server.db.query<{ id: number }>(`select id from t where ${where.sql} order by ${by.sql} limit ${limit} offset ${offset}`);
        const query = new URLSearchParams({ select: 'id', and: `(${where.rest})`, order: by.rest, limit: String(limit), offset: String(offset) });
        const reply = await server.fetch(`/t?${query.toString()}`, { headers: { authorization: `Bearer ${await server.token({ role: 'service_role' })}` } });
        expect(await reply.json()).toEqual(expected);
        const all = await server.db.query(`select id from t where ${where.sql} order by id`);
        expect(await server.service.from('t').select('id', { count: 'exact' }).or(where.rest).order('id')).toMatchObject({ data: all, count: all.length, error: null });
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});

describe('random rows', () => {
  it('come back as they went in', async () => {
    await server.db.exec('create table r (id int primary key, s text, n numeric, j jsonb, tags text[])');
    const text = fc.string().filter((value) => !value.includes('\0'));
    // JSON has no -0, and Postgres text no NUL.
    const json = fc.json({ maxDepth: 2 }).filter((value) => value !== 'null' && !value.includes('\\u0000')).map((value): unknown => JSON.parse(JSON.stringify(JSON.parse(value))));
    const row = fc.record({ s: fc.option(text), n: fc.option(fc.integer()), j: json, tags: fc.option(fc.array(fc.option(text), { maxLength: 3 })) });
    let id = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 3 }), async (rows) => {
        const sent = rows.map((value) => ({ id: (id += 1), ...value }));
        expect(await server.service.from('r').insert(sent).select()).toMatchObject({ data: sent, error: null, status: 201 });
      }),
      { numRuns: 50 },
    );
  }, 60_000);
});
