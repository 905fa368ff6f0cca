import * as z from 'zod/mini';
import { expect, test } from 'vitest';
import { createPresenceState } from './presenceState.ts';

const setup = () => {
  const invalid: unknown[] = [];
  return { people: createPresenceState(z.object({ at: z.string() }), (one) => invalid.push(one)), invalid };
};
const meta = (ref: string, at: string, previous?: string) => ({ phx_ref: ref, at, ...(previous !== undefined && { phx_ref_prev: previous }) });

test('P4: an update is an update: the old entry is replaced and the person is there all the time', () => {
  const { people } = setup();
  people.replace({ u1: { metas: [meta('1', 'a'), meta('2', 'b')] } });
  const state = people.apply({ joins: { u1: { metas: [meta('3', 'c', '1')] } }, leaves: { u1: { metas: [meta('1', 'a')] } } });
  expect(state.get('u1')).toEqual([{ ref: '2', state: { at: 'b' } }, { ref: '3', state: { at: 'c' } }]);
});

test('someone is gone when their last connection is', () => {
  const { people } = setup();
  people.replace({ u1: { metas: [meta('1', 'a'), meta('2', 'b')] }, u2: { metas: [meta('9', 'z')] } });
  expect([...people.apply({ joins: {}, leaves: { u1: { metas: [meta('1', 'a')] } } }).keys()]).toEqual(['u1', 'u2']);
  expect([...people.apply({ joins: {}, leaves: { u1: { metas: [meta('2', 'b')] } } }).keys()]).toEqual(['u2']);
});

test('diffs that come before the first state wait for it; after a lost join they do so again', () => {
  const { people } = setup();
  expect(people.apply({ joins: { u2: { metas: [meta('2', 'b')] } }, leaves: {} }).size).toBe(0);
  expect([...people.replace({ u1: { metas: [meta('1', 'a')] } }).keys()]).toEqual(['u1', 'u2']);
  people.suspend();
  expect([...people.apply({ joins: {}, leaves: { u1: { metas: [meta('1', 'a')] } } }).keys()]).toEqual(['u1', 'u2']);
  expect([...people.replace({ u3: { metas: [meta('3', 'c')] } }).keys()]).toEqual(['u3']);
  expect(people.reset().size).toBe(0);
});

test('an entry that fails its schema is reported and left out; keys may be called anything', () => {
  const { people, invalid } = setup();
  const state = people.replace(JSON.parse('{"u1":{"metas":[{"phx_ref":"1","at":7}]},"__proto__":{"metas":[{"phx_ref":"2","at":"a"}]}}'));
  expect([[...state.keys()], invalid.length]).toEqual([['__proto__'], 1]);
});
