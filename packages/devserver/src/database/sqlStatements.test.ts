import { describe, expect, it } from 'vitest';
import { splitStatements } from './sqlStatements.ts';

const texts = (sql: string) => splitStatements(sql).map(({ text }) => text);

describe('splitStatements', () => {
  it('gives each statement with the line of its first token', () => {
    expect(splitStatements('-- a table\n\ncreate table a();\n  /* two */ create table b();')).toEqual([
      { text: 'create table a()', line: 3 },
      { text: 'create table b()', line: 4 },
    ]);
  });

  it('needs no last semicolon and ignores empty statements', () => {
    expect(texts(';;select 1;\n;select 2 -- end')).toEqual(['select 1', 'select 2 -- end']);
    expect(texts('-- only a comment;\n')).toEqual([]);
  });

  it.each([
    ['strings', `select 'a;''b;'`],
    ['escape strings', String.raw`select E'it\'s; fine'`],
    ['plain strings that end in a backslash', String.raw`select 'c:\', 1`],
    ['quoted names', `select 1 as "a;b"`],
    ['dollar quotes', 'do $$ begin; end $$'],
    ['tagged dollar quotes', 'do $a$ select $$;$$; $a$'],
    ['line comments', 'select 1 -- no; end\n, 2'],
    ['nested block comments', 'select /* a; /* b; */ c; */ 1'],
    ['parentheses', 'create rule r as on insert to t do (select 1; select 2)'],
    ['function bodies without quotes', 'create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end'],
  ])('keeps semicolons inside %s', (_where, statement) => {
    expect(texts(`${statement};\nselect 'next'`)).toEqual([statement, "select 'next'"]);
  });

  it('takes begin and end of a transaction as statements', () => {
    expect(texts('begin; select 1; end; select 2')).toEqual(['begin', 'select 1', 'end', 'select 2']);
  });

  it('does not take a dollar inside a name or a parameter for a quote', () => {
    expect(texts('select a$b from t; select $1; select $2')).toEqual(['select a$b from t', 'select $1', 'select $2']);
  });

  it('leaves a quote that never ends to Postgres', () => {
    expect(texts("select 1; select 'open; select 2")).toEqual(['select 1', "select 'open; select 2"]);
    expect(texts('do $$ open; select 2')).toEqual(['do $$ open; select 2']);
  });
});
