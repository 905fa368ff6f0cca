import { describe, expect, it } from 'vitest';
import { formatsOf } from './format.ts';
import { inLanguage, textOf } from './inLanguage.ts';

const NOON = new Date(2026, 10, 22, 12, 0, 0).getTime();
const arabic = formatsOf('ar', () => NOON);
const english = formatsOf('en', () => NOON);

describe('formatsOf', () => {
  it('writes numbers with Latin digits in both languages', () => {
    expect(arabic.number(1234.56)).toBe('1,234.6');
    expect(english.number(1234.56)).toBe('1,234.6');
  });

  it('writes a moment of today as a time alone', () => {
    expect(english.time(NOON + 61_000)).toBe('12:01:01');
  });

  it('puts the date in front of a moment of another day', () => {
    expect(english.time(NOON - 48 * 3_600_000)).toBe('20 Nov, 12:00');
  });

  it('writes dates in the Gregorian calendar, whatever the zone', () => {
    expect(english.date('2026-11-22')).toBe('22 Nov 2026');
    expect(arabic.date('2026-11-22')).toMatch(/22.*2026/);
  });

  it('shows what it cannot read as it is, or not at all', () => {
    expect(english.date('soon')).toBe('soon');
    expect(english.time('soon')).toBe('');
  });

  it('joins names as the language does', () => {
    expect(english.list(['Sara', 'Omar'])).toBe('Sara and Omar');
    expect(arabic.list(['سارة', 'عمر'])).toBe('سارة وعمر');
  });
});

describe('inLanguage', () => {
  it('prefers the language of the reader', () => {
    expect(inLanguage('ar', 'ملتقى', 'Summit')).toBe('ملتقى');
    expect(inLanguage('en', 'ملتقى', 'Summit')).toBe('Summit');
  });

  it('falls back to the other language, both ways', () => {
    expect(inLanguage('en', 'ملتقى', null)).toBe('ملتقى');
    expect(inLanguage('ar', '', 'Summit')).toBe('Summit');
    expect(inLanguage('ar', undefined, undefined)).toBe('');
  });
});

describe('textOf', () => {
  it('gives the text of a code, and the code itself when the database knows more codes than we do', () => {
    expect(textOf({ draft: 'Draft' }, 'draft')).toBe('Draft');
    expect(textOf({ draft: 'Draft' }, 'frozen')).toBe('frozen');
    expect(textOf({ draft: 'Draft' }, null)).toBe('');
  });
});
