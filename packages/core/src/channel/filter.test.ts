import { expect, test } from 'vitest';
import { inList, toWireFilter } from './filter.ts';

test('a filter is written as the server reads it, with its own characters quoted', () => {
  expect(toWireFilter({ column: 'id', operator: 'eq', value: 'a-b' })).toBe('id=eq.a-b');
  expect(toWireFilter({ column: 'n', operator: 'gte', value: 5 })).toBe('n=gte.5');
  expect(toWireFilter({ column: 'title', operator: 'eq', value: 'a,b "c"' })).toBe(String.raw`title=eq."a,b \"c\""`);
  expect(toWireFilter({ column: 'id', operator: 'in', value: ['a', 'b,c', 7] })).toBe('id=in.(a,"b,c",7)');
  expect(inList('one')).toBe('(one)');
});
