import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIXTURE } from './restFixture.ts';
import { startRestServer, type RestServer } from './restServer.ts';

/** Functions of a row, and views over the tables of the fixture, one of them over another and one over a hidden schema. */
const RELATED = `
create function initial(authors) returns text language sql stable as 'select left($1.name, 1)';
create function written(authors) returns setof books language sql stable as 'select * from books where author_id = $1.id';
create function boss(who authors) returns setof authors rows 1 language sql stable as 'select * from authors where id = $1.manager_id';
create function first_book(authors) returns books language sql stable as 'select * from books where author_id = $1.id order by id limit 1';
create function written(genres) returns setof books language sql stable as 'select b.* from books b join book_genres g on g.book_id = b.id where g.genre_id = $1.id';
create function everybody() returns setof authors language sql stable as 'select * from authors';

create view shelf as select b.id as book, b.title, b.author_id as writer, upper(a.name) as shouted from books b left join authors a on a.id = b.author_id;
create view top_shelf as with all_of_it as (select * from shelf) select book as number, title, writer from all_of_it;
create view pile as select id, author_id from books where id = 1 union all select id, author_id from books where id > 1;
create function shelved(shelf) returns setof genres language sql stable as 'select g.* from genres g join book_genres b on b.genre_id = g.id where b.book_id = $1.book order by g.id';

create schema hidden;
create table hidden.teams (id int primary key, name text);
create table hidden.players (id int primary key, team int references hidden.teams, name text);
insert into hidden.teams values (1, 'Falcons');
insert into hidden.players values (1, 1, 'Amal'), (2, 1, 'Badr');
create view teams as select id, name from hidden.teams;
create view players as select id as player, team as side, name from hidden.players;
`;

let server: RestServer;
beforeAll(async () => {
  server = await startRestServer(FIXTURE + RELATED);
});
afterAll(() => server.close());

const from = (table: string) => server.service.from(table);
const sql = async (query: string) => (await server.db.query<{ json: unknown }>(`select json_agg(r) as json from (${query}) r`))[0]?.json;

describe('functions of a row', () => {
  it('are columns to select, filter and order by', async () => {
    expect((await from('authors').select('name, initial').order('initial', { ascending: false })).data).toEqual(
      await sql('select name, left(name, 1) as initial from authors order by 2 desc'),
    );
    expect((await from('authors').select('id').eq('initial', 'G')).data).toEqual([{ id: 3 }]);
  });

  it('are columns of what writes and calls return', async () => {
    expect((await from('authors').update({ mood: 'calm' }).eq('id', 1).select('initial')).data).toEqual([{ initial: 'N' }]);
    expect((await server.service.rpc('everybody').select('initial').eq('id', 2)).data).toEqual([{ initial: 'M' }]);
  });

  it('that return rows of a table embed them, many or one', async () => {
    const { data, error } = await from('authors').select('name, written(title), boss(name), first_book(title)').eq('id', 2);
    expect(error).toBeNull();
    expect(data).toEqual([{ name: 'Mahmoud', written: [{ title: 'Mural' }], boss: { name: 'Nizar' }, first_book: { title: 'Mural' } }]);
  });

  it('are told apart by the table whose row they take', async () => {
    expect((await from('genres').select('label, books:written(title)').eq('id', 2)).data).toEqual([{ label: 'novel', books: [{ title: 'Beirut "75"' }] }]);
  });

  it('embed with filters, joins and embedding of their own', async () => {
    const { data } = await from('authors').select('id, written!inner(title, covers(url), authors!author_id(boss(name)))').eq('written.id', 1);
    expect(data).toEqual([{ id: 1, written: [{ title: 'Jasmine', covers: { url: 'jasmine.png' }, authors: { boss: null } }] }]);
  });

  it('embed in what writes and calls return, and in rows of a view', async () => {
    expect((await from('authors').update({ mood: 'glad' }).eq('id', 2).select('boss(name)')).data).toEqual([{ boss: { name: 'Nizar' } }]);
    expect((await server.service.rpc('everybody').select('boss(name)').eq('id', 3)).data).toEqual([{ boss: { name: 'Nizar' } }]);
    expect((await from('shelf').select('shelved(label)').eq('book', 3)).data).toEqual([{ shelved: [{ label: 'poetry' }, { label: 'novel' }] }]);
  });
});

describe('views', () => {
  it('lead to tables by the keys whose columns they show', async () => {
    expect((await from('shelf').select('title, authors(name), genres(label)').eq('book', 2)).data).toEqual([{ title: 'Mural', authors: { name: 'Mahmoud' }, genres: [{ label: 'poetry' }] }]);
    expect((await from('shelf').select('covers(url), author:writer(name)').eq('book', 1)).data).toEqual([{ covers: { url: 'jasmine.png' }, author: { name: 'Nizar' } }]);
  });

  it('are led to by tables and by views', async () => {
    expect((await from('authors').select('shelf(shouted)').eq('id', 3)).data).toEqual([{ shelf: [{ shouted: 'GHADA' }] }]);
    expect((await from('teams').select('name, players(name)')).data).toEqual([{ name: 'Falcons', players: [{ name: 'Amal' }, { name: 'Badr' }] }]);
    expect((await from('players').select('player, teams!inner(name)').eq('player', 2)).data).toEqual([{ player: 2, teams: { name: 'Falcons' } }]);
  });

  it('are seen through one another', async () => {
    expect((await from('top_shelf').select('number, authors(name)').eq('number', 1)).data).toEqual([{ number: 1, authors: { name: 'Nizar' } }]);
  });

  it('lead nowhere where they do not show the columns themselves', async () => {
    expect((await from('pile').select('authors(name)')).error).toMatchObject({ code: 'PGRST200' });
    expect((await from('cheap_books').select('authors(name)')).error).toMatchObject({ code: 'PGRST200' });
  });

  it('do not make the name of a key ambiguous: it means the table', async () => {
    expect((await from('books').select('authors:books_author_id_fkey(name)').eq('id', 1)).data).toEqual([{ authors: { name: 'Nizar' } }]);
  });

  it('take rows where Postgres can pass them on, and say why where it cannot', async () => {
    expect(await from('cheap_books').insert({ id: 70, title: 'Cheap', price: 1 }).select('title')).toMatchObject({ status: 201, data: [{ title: 'Cheap' }] });
    expect(await server.db.query('select title from books where id = 70')).toEqual([{ title: 'Cheap' }]);
    const { status, error } = await from('shelf').insert({ title: 'x' });
    expect([status, error]).toMatchObject([500, { code: '55000', message: 'cannot insert into view "shelf"', hint: expect.stringContaining('INSTEAD OF INSERT') as string }]);
    await server.db.exec('delete from books where id = 70');
  });
});

describe('what leads nowhere', () => {
  it('is answered with the nearest name', async () => {
    expect((await from('authors').select('book(title)')).error).toMatchObject({ code: 'PGRST200', hint: "Perhaps you meant 'books' instead of 'book'." });
    expect((await from('authors').select('zebras(title)')).error).toMatchObject({ code: 'PGRST200', hint: null });
  });
});
