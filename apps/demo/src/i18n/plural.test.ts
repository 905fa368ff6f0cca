import { describe, expect, it } from 'vitest';
import { ar } from './ar.ts';
import { en } from './en.ts';
import { pluralFor } from './plural.ts';

describe('pluralFor', () => {
  it('takes the form of the language for the count and puts the number in', () => {
    const plural = pluralFor('en');
    expect([1, 2].map((count) => plural(count, { one: '# day', other: '# days' }))).toEqual(['1 day', '2 days']);
  });

  it('falls back to `other` for a form that is left out', () => {
    expect(pluralFor('ar')(3, { other: 'س #' })).toBe('س 3');
  });

  it('counts people in Arabic as Arabic does', () => {
    expect([0, 1, 2, 3, 11, 100].map(ar.opportunity.here)).toEqual([
      'لا أحد هنا',
      'شخص واحد هنا',
      'شخصان هنا',
      '3 أشخاص هنا',
      '11 شخصاً هنا',
      '100 شخص هنا',
    ]);
  });

  it('counts people in English', () => {
    expect([0, 1, 2].map(en.opportunity.here)).toEqual(['0 people here', '1 person here', '2 people here']);
  });
});
