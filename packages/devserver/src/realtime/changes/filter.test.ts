import { describe, expect, it } from 'vitest';
import { parseFilters } from './filter.ts';

const parsed = (text: string): unknown => {
  const result = parseFilters(text);
  return result.ok ? result.filters.map(({ column, operator, value, negate }) => [column, `${negate ? 'not.' : ''}${operator}`, value]) : result.message;
};

describe('parseFilters', () => {
  it.each([
    ['', []],
    ['  ', []],
    ['id=eq.1', [['id', 'eq', '1']]],
    ['id=not.eq.1', [['id', 'not.eq', '1']]],
    ['a=gt.1, b=lt.2', [['a', 'gt', '1'], ['b', 'lt', '2']]],
    ['id=in.(1,2)', [['id', 'in', '{1,2}']]],
    ['t=in.("a,b",c),n=is.null', [['t', 'in', '{"a,b",c}'], ['n', 'is', 'null']]],
    ['t=eq."a,b"', [['t', 'eq', 'a,b']]],
    ['t=eq."say \\"hi\\", twice"', [['t', 'eq', 'say "hi", twice']]],
    ['t=eq."half', [['t', 'eq', '"half']]],
    ['t=eq.5" wide,n=eq.1', [['t', 'eq', '5" wide'], ['n', 'eq', '1']]],
    ['u=eq.https://x.example/?a=b.c', [['u', 'eq', 'https://x.example/?a=b.c']]],
    ['t=like.(a,b)%', [['t', 'like', '(a,b)%']]],
  ])('reads %j', (text, filters) => expect(parsed(text)).toEqual(filters));

  it.each([
    ['title', '["title"]'],
    ['title=eq', '["eq"]'],
    ['title=foo.hey', '["foo", "hey"]'],
    ['id=in.1,2', '`in` filter value must be wrapped by parentheses'],
    ['id=eq.1,', 'filter must not contain empty segments (check for extra commas)'],
    [',id=eq.1', 'filter must not contain empty segments (check for extra commas)'],
  ])('refuses %j in the real server’s words', (text, message) => expect(parsed(text)).toBe(message));
});
