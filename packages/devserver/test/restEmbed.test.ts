import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIXTURE } from './restFixture.ts';
import { startRestServer, type RestServer } from './restServer.ts';

let server: RestServer;
beforeAll(async () => {
  server = await startRestServer(FIXTURE);
}, 60_000);
afterAll(() => server.close());

const from = (table: string) => server.service.from(table);

describe('embedding', () => {
  it('puts the one row a foreign key points at under its table, alias, column or constraint', async () => {
    const { data, error } = await from('books').select('id, authors!author_id(name), writer:author_id(name), editor:books_editor_fkey(name)').order('id').limit(2);
    expect(error).toBeNull();
    expect(data).toEqual([
      { id: 1, authors: { name: 'Nizar' }, writer: { name: 'Nizar' }, editor: { name: 'Mahmoud' } },
      { id: 2, authors: { name: 'Mahmoud' }, writer: { name: 'Mahmoud' }, editor: null },
    ]);
  });

  it('puts the rows that point here in an array', async () => {
    const { data } = await from('authors').select('name, books!author_id(title)').order('id');
    expect(data).toEqual([
      { name: 'Nizar', books: [{ title: 'Jasmine' }] },
      { name: 'Mahmoud', books: [{ title: 'Mural' }] },
      { name: 'Ghada', books: [{ title: 'Beirut "75"' }] },
    ]);
  });

  it('gives an object where the other side is unique', async () => {
    expect((await from('books').select('id, covers(url)').lte('id', 2).order('id')).data).toEqual([
      { id: 1, covers: { url: 'jasmine.png' } },
      { id: 2, covers: null },
    ]);
  });

  it('goes through a junction', async () => {
    const { data } = await from('books').select('id, genres(label)').eq('id', 3).order('label', { referencedTable: 'genres' });
    expect(data).toEqual([{ id: 3, genres: [{ label: 'novel' }, { label: 'poetry' }] }]);
  });

  it('nests', async () => {
    const { data, error } = await from('genres').select('label, books(title, writer:author_id(name, manager:manager_id(name)))').eq('label', 'novel').single();
    expect(error).toBeNull();
    expect(data).toEqual({ label: 'novel', books: [{ title: 'Beirut "75"', writer: { name: 'Ghada', manager: { name: 'Nizar' } } }] });
  });

  it('sees a table that points at itself from both ends', async () => {
    const children = [{ name: 'Mahmoud' }, { name: 'Ghada' }];
    expect((await from('authors').select('authors(name)').eq('id', 1).order('id', { referencedTable: 'authors' })).data).toEqual([{ authors: children }]);
    expect((await from('authors').select('authors!manager_id(name)').eq('id', 1).order('id', { referencedTable: 'authors' })).data).toEqual([{ authors: children }]);
    expect((await from('authors').select('manager_id(name)').eq('id', 2)).data).toEqual([{ manager_id: { name: 'Nizar' } }]);
  });

  it('keeps tables apart whose names differ by a number', async () => {
    await server.db.exec(`create table genres_1 (id int primary key references genres, t text); insert into genres_1 values (1, 'one'); notify pgrst`);
    expect((await from('genres_1').select('t, genres(label)')).data).toEqual([{ t: 'one', genres: { label: 'poetry' } }]);
    await server.db.exec('drop table genres_1');
  });

  it('counts embedded rows', async () => {
    expect((await from('genres').select('label, books(count)').order('id')).data).toEqual([
      { label: 'poetry', books: [{ count: 3 }] },
      { label: 'novel', books: [{ count: 1 }] },
      { label: 'essay', books: [{ count: 0 }] },
    ]);
  });

  it('filters, orders and limits embedded rows', async () => {
    const { data } = await from('genres')
      .select('id, books(id)')
      .eq('id', 1)
      .gt('books.id', 1)
      .order('id', { referencedTable: 'books', ascending: false })
      .limit(1, { referencedTable: 'books' });
    expect(data).toEqual([{ id: 1, books: [{ id: 3 }] }]);
    expect((await from('genres').select('id, books(id)').eq('id', 1).or('id.eq.1,id.eq.2', { referencedTable: 'books' })).data).toEqual([{ id: 1, books: [{ id: 1 }, { id: 2 }] }]);
  });

  it('drops parents without a match for inner joins, and counts only the others', async () => {
    const inner = await from('genres').select('label, books!inner(id)', { count: 'exact' }).eq('books.id', 2);
    expect(inner).toMatchObject({ count: 1, data: [{ label: 'poetry', books: [{ id: 2 }] }] });
    const toOne = await from('books').select('id, writer:author_id!inner(name)', { count: 'exact' }).eq('writer.name', 'Ghada');
    expect(toOne).toMatchObject({ count: 1, data: [{ id: 3, writer: { name: 'Ghada' } }] });
    expect((await from('genres').select('label, books!inner()').order('id')).data).toEqual([{ label: 'poetry' }, { label: 'novel' }]);
  });

  it('asks whether there is a match', async () => {
    expect((await from('genres').select('label, books()').is('books', null)).data).toEqual([{ label: 'essay' }]);
    expect((await from('books').select('id, covers(url)').not('covers', 'is', null)).data).toEqual([{ id: 1, covers: { url: 'jasmine.png' } }]);
  });

  it('orders by an embedded row', async () => {
    const { data } = await from('books').select('id, writer:author_id(name)').not('author_id', 'is', null).order('writer(name)');
    expect(data).toMatchObject([{ id: 3 }, { id: 2 }, { id: 1 }]);
  });

  it('spreads a row into its parent', async () => {
    expect((await from('books').select('id, ...authors!author_id(author:name, born)').eq('id', 1)).data).toEqual([{ id: 1, author: 'Nizar', born: '1923-03-21' }]);
  });

  it('spreads rows into arrays, in their order', async () => {
    const { data, error } = await from('books').select('id, ...genres(label, names:label)').order('label', { referencedTable: 'genres', ascending: false }).order('id').limit(3);
    expect(error).toBeNull();
    expect(data).toEqual([
      { id: 1, label: ['poetry'], names: ['poetry'] },
      { id: 2, label: ['poetry'], names: ['poetry'] },
      { id: 3, label: ['poetry', 'novel'], names: ['poetry', 'novel'] },
    ]);
  });

  it('spreads no rows into empty arrays, drops parents for inner joins, and asks whether there are any', async () => {
    expect((await from('genres').select('label, ...books(id, covers(url))').eq('id', 3)).data).toEqual([{ label: 'essay', id: [], covers: [] }]);
    expect((await from('genres').select('label, ...books!inner(id, ...covers(*))').order('id')).data).toEqual([
      { label: 'poetry', id: [1, 2, 3], book_id: [1, null, null], url: ['jasmine.png', null, null] },
      { label: 'novel', id: [3], book_id: [null], url: [null] },
    ]);
    expect((await from('genres').select('label, ...books(id)').is('books', null)).data).toEqual([{ label: 'essay', id: [] }]);
  });

  it('embeds in what a write or a call returns', async () => {
    const inserted = await from('books').insert({ id: 90, title: 'New', author_id: 1 }).select('title, writer:author_id(name)').single();
    expect(inserted).toMatchObject({ status: 201, data: { title: 'New', writer: { name: 'Nizar' } } });
    expect((await server.service.rpc('books_by', { author: 2 }).select('title, genres(label)')).data).toEqual([{ title: 'Mural', genres: [{ label: 'poetry' }] }]);
    const deleted = await from('books').delete().eq('id', 90).select('id, writer:author_id(name)');
    expect(deleted.data).toEqual([{ id: 90, writer: { name: 'Nizar' } }]);
  });
});

describe('embedding that cannot be', () => {
  it('says that there is no relationship', async () => {
    expect(await from('books').select('id, counters(*)')).toMatchObject({
      status: 400,
      error: {
        code: 'PGRST200',
        details: "Searched for a foreign key relationship between 'books' and 'counters' in the schema 'public', but no matches were found.",
        message: "Could not find a relationship between 'books' and 'counters' in the schema cache",
      },
    });
  });

  it('says that there are several, and which', async () => {
    expect(await from('books').select('id, authors(name)')).toMatchObject({
      status: 300,
      error: {
        code: 'PGRST201',
        message: "Could not embed because more than one relationship was found for 'books' and 'authors'",
        hint: "Try changing 'authors' to one of the following: 'authors!books_author_id_fkey', 'authors!books_editor_fkey'. Find the desired relationship in the 'details' key.",
        details: [
          { cardinality: 'many-to-one', embedding: 'books with authors', relationship: 'books_author_id_fkey using books(author_id) and authors(id)' },
          { cardinality: 'many-to-one', embedding: 'books with authors', relationship: 'books_editor_fkey using books(editor_id) and authors(id)' },
        ],
      },
    });
  });

  it('refuses filters on what is not embedded, and other than null on what is', async () => {
    expect(await from('books').select('id').eq('authors.name', 'x')).toMatchObject({ status: 400, error: { code: 'PGRST108', message: "'authors' is not an embedded resource in this request" } });
    expect(await from('books').select('id, covers(url)').eq('covers', 'x')).toMatchObject({ status: 400, error: { code: 'PGRST120' } });
    expect(await from('authors').select('id, books!author_id(id)').order('books(id)')).toMatchObject({ status: 400, error: { code: 'PGRST118' } });
  });
});
