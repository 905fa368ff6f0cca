import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, membersOf, pickMembers, sliceArray, sliceObject } from './jsonSlices.ts';

/** JSON text in many spellings: with and without white space, with escapes as `JSON.stringify` writes them. */
const jsonText = fc.tuple(fc.json(), fc.constantFrom(0, 1, 2, '\t')).map(([text, space]) => JSON.stringify(JSON.parse(text), null, space));

describe('sliceArray and sliceObject', () => {
  it('give slices that parse to the elements', () => {
    fc.assert(
      fc.property(fc.array(jsonText), fc.constantFrom('', ' ', '\n'), (texts, space) => {
        const slices = sliceArray(`[${space}${texts.join(`${space},${space}`)}${space}]`);
        expect(slices?.map((slice) => JSON.parse(slice) as unknown)).toEqual(texts.map((text) => JSON.parse(text) as unknown));
      }),
    );
  });

  it('give slices that parse to the members, whatever the keys contain', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), jsonText), (members) => {
        const text = `{${Object.entries(members).map(([key, value]) => `${JSON.stringify(key)} : ${value}`).join(',\n')}}`;
        const slices = sliceObject(text);
        expect([...(slices ?? [])].map(([key, slice]) => [key, JSON.parse(slice) as unknown])).toEqual(Object.entries(JSON.parse(text) as object));
      }),
    );
  });

  it('give the members of some keys only, in the order of the text', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), jsonText), fc.uniqueArray(fc.string()), fc.nat(), (members, others, bits) => {
        const text = `{${Object.entries(members).map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(', ')}}`;
        const wanted = new Set([...Object.keys(members).filter((_, index) => (bits >> index % 30) % 2 === 1), ...others]);
        expect([...(pickMembers(text, wanted) ?? [])]).toEqual(Object.entries(members).filter(([key]) => wanted.has(key)));
      }),
    );
  });

  it('keep the digits that JSON.parse would lose', () => {
    expect(sliceObject('{"a": 9007199254740993, "b":[1.10]}')).toEqual(new Map([['a', '9007199254740993'], ['b', '[1.10]']]));
  });

  it('read a string that ends with an escaped backslash', () => {
    expect(sliceArray(String.raw`["\\", "\"", "a"]`)).toEqual([String.raw`"\\"`, String.raw`"\""`, '"a"']);
  });

  it('give null for another kind of value', () => {
    expect([sliceArray('{}'), sliceArray('1'), sliceObject('[]'), sliceObject('"x"')]).toEqual([null, null, null, null]);
  });
});

describe('canonicalJson', () => {
  it('is the same for every spelling and order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(JSON.stringify(value, null, 2))).toBe(canonicalJson(JSON.stringify(reversed)));
      }),
    );
  });

  it('tells numbers apart that are one number to JavaScript', () => {
    expect(canonicalJson('9007199254740993')).not.toBe(canonicalJson('9007199254740992'));
  });
});

it('membersOf gives what can be spliced into another object', () => {
  expect(membersOf(' { "a": 1 } ')).toBe('"a": 1');
  expect(membersOf('{}')).toBe('');
});
