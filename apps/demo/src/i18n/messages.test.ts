import { describe, expect, it } from 'vitest';
import { ar } from './ar.ts';
import { en } from './en.ts';

/** Every text by its path; a function counts by what it says of sample arguments. */
function textsOf(messages: object, path = ''): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(messages) as [string, unknown][]) {
    const at = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'string') texts.set(at, value);
    else if (typeof value === 'function') texts.set(at, String((value as (...args: unknown[]) => unknown)(3, 3)));
    else for (const [inner, text] of textsOf(value as object, at)) texts.set(inner, text);
  }
  return texts;
}

const arabic = textsOf(ar);
const english = textsOf(en);

describe('the texts', () => {
  it('are the same in both languages, key by key', () => {
    expect([...english.keys()].sort()).toEqual([...arabic.keys()].sort());
  });

  it('are never empty', () => {
    const empty = [...arabic, ...english].filter(([, text]) => text.trim() === '');
    expect(empty).toEqual([]);
  });

  it('are Arabic in Arabic, but for the name of the other language', () => {
    const latin = [...arabic].filter(([key, text]) => !/\p{Script=Arabic}/u.test(text) && key !== 'brand.switchTo');
    expect(latin).toEqual([]);
  });

  it('have no Arabic in English, but for the name of the other language', () => {
    const foreign = [...english].filter(([key, text]) => /\p{Script=Arabic}/u.test(text) && key !== 'brand.switchTo');
    expect(foreign).toEqual([]);
  });
});
