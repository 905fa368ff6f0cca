import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIXTURE } from './restFixture.ts';
import { startRestServer, type RestServer } from './restServer.ts';

/** Enough rows for groups of several sizes, and a price that no float holds. */
const SALES = `
create table sales (id int primary key, book_id bigint references books, region text, amount numeric(20, 2), note jsonb);
insert into sales select n, 1 + n % 3, case when n % 2 = 0 then 'north' else 'south' end, n * 1.10, jsonb_build_object('kg', n) from generate_series(1, 20) n;
insert into sales values (21, 1, null, 90071992547409930.01, null);
create function all_sales() returns setof sales language sql stable as 'select * from sales';
`;

let server: RestServer;
let closed: RestServer;
beforeAll(async () => {
  server = await startRestServer(FIXTURE + SALES, { settings: { aggregates: true } });
  closed = await startRestServer('create table sales (id int, amount int)');
});
afterAll(() => Promise.all([server.close(), closed.close()]));

const from = (table: string) => server.service.from(table);
const oracle = async (query: string) => (await server.db.query<{ json: unknown }>(`select json_agg(r) as json from (${query}) r`))[0]?.json;

describe('aggregates', () => {
  it.each(['amount.sum()', 'id.count(), count()', 'everything:count()', 'amount::int.max()::text', 'id, id.avg()'])(
    'are refused in a project that does not allow them: %s',
    async (select) => {
      expect(await closed.service.from('sales').select(select)).toMatchObject({ status: 400, error: { code: 'PGRST123', details: null, hint: null, message: 'Use of aggregate functions is not allowed' } });
    },
  );

  it('are refused inside embedded resources too', async () => {
    await closed.db.exec('create table parents (id int primary key); alter table sales add column parent int references parents');
    expect((await closed.service.from('parents').select('id, sales(amount.sum())')).error).toMatchObject({ code: 'PGRST123' });
  });

  it.each([
    ['count()', 'select count(*) from sales'],
    ['amount.sum()', 'select sum(amount) from sales'],
    ['amount.sum()::text', 'select sum(amount)::text from sales'],
    ['low:amount.min(), high:amount.max(), mean:id.avg()', 'select min(amount) as low, max(amount) as high, avg(id) as mean from sales'],
    ['region.count()', 'select count(region) from sales'],
    ['total:note->kg::int.sum()', `select sum((note -> 'kg')::int) as total from sales`],
  ])('make one row of a table: %s', async (select, query) => {
    const { data, error } = await from('sales').select(select);
    expect(error).toBeNull();
    expect(data).toEqual(await oracle(query));
  });

  it('group by everything else that is selected', async () => {
    const { data } = await from('sales').select('region, book_id, amount.sum()').lt('id', 21).order('region').order('book_id');
    expect(data).toEqual(await oracle('select region, book_id, sum(amount) from sales where id < 21 group by 1, 2 order by 1, 2'));
    expect((await from('genres').select('*, count()').order('id')).data).toEqual(await oracle('select id, label, 1 as count from genres order by id'));
  });

  it('group by embedded rows and by columns spread from them', async () => {
    const { data, error } = await from('sales').select('id.count(), books(title)').lte('book_id', 2).order('books(title)');
    // The order is not among what is grouped by, which Postgres refuses as in a project.
    expect([data, error]).toMatchObject([null, { code: '42803' }]);
    expect((await from('sales').select('count(), books(title)').eq('book_id', 2)).data).toEqual([{ count: 7, books: { title: 'Mural' } }]);
    expect((await from('sales').select('count(), ...books(title)').eq('book_id', 2)).data).toEqual([{ count: 7, title: 'Mural' }]);
  });

  it('of embedded rows are of each parent', async () => {
    const { data } = await from('books').select('id, sales(region, amount.sum())').eq('id', 2).order('region', { referencedTable: 'sales' });
    expect(data).toEqual([{ id: 2, sales: await oracle('select region, sum(amount) from sales where book_id = 2 group by 1 order by 1') }]);
  });

  it('of a spread row are the parent\'s', async () => {
    const { data, error } = await from('sales').select('region, ...books(dearest:price.max(), in_print)').lt('id', 21).order('region');
    expect(error).toBeNull();
    const expected = await oracle('select region, max(price) as dearest, in_print from sales s join books b on b.id = s.book_id where s.id < 21 group by 1, 3 order by 1');
    expect(data).toHaveLength((expected as unknown[]).length);
    expect(data).toEqual(expect.arrayContaining(expected as unknown[]));
  });

  it('of rows spread into arrays are not implemented, as in PostgREST', async () => {
    expect(await from('books').select('id, ...sales(amount.sum())')).toMatchObject({ status: 400, error: { code: 'PGRST127', message: 'Feature not implemented' } });
  });

  it('work on what calls and writes return', async () => {
    expect((await server.service.rpc('all_sales').select('book_id, count()').eq('book_id', 3)).data).toEqual([{ book_id: 3, count: 7 }]);
    expect((await from('sales').update({ region: 'north' }).eq('book_id', 3).select('region, count()')).data).toEqual([{ region: 'north', count: 7 }]);
  });

  it('keep every digit', async () => {
    const response = await server.fetch('/sales?select=amount.max()');
    expect(await response.text()).toBe('[{"max":90071992547409930.01}]');
  });
});

describe('the older way to count', () => {
  it('is allowed everywhere', async () => {
    expect((await closed.service.from('sales').select('count')).data).toEqual([{ count: 0 }]);
    expect((await from('books').select('id, sales(count)').eq('id', 2)).data).toEqual([{ id: 2, sales: [{ count: 7 }] }]);
  });
});
