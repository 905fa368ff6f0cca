import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PresenceRoom } from './presenceRoom.ts';

type Metas = Record<string, { metas: Record<string, unknown>[] }>;

function room(): PresenceRoom {
  let refs = 0;
  return new PresenceRoom(() => `r${++refs}`);
}

const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json));

describe('PresenceRoom', () => {
  it('says who joins', () => {
    expect(parsed(room().track({}, 'alice', '{"n":1}'))).toEqual({ joins: { alice: { metas: [{ phx_ref: 'r1', n: 1 }] } }, leaves: {} });
  });

  it('says an update as a join that names the ref before it, and a leave', () => {
    const presence = room();
    const alice = {};
    presence.track(alice, 'alice', '{"n":1}');
    expect(parsed(presence.track(alice, 'alice', '{"n":2}'))).toEqual({
      joins: { alice: { metas: [{ phx_ref: 'r2', phx_ref_prev: 'r1', n: 2 }] } },
      leaves: { alice: { metas: [{ phx_ref: 'r1', n: 1 }] } },
    });
  });

  it('says nothing when the same is tracked again in another spelling', () => {
    const presence = room();
    const alice = {};
    presence.track(alice, 'alice', '{"a":1,"b":2}');
    expect(presence.track(alice, 'alice', '{ "b": 2, "a": 1 }')).toBeNull();
    expect(presence.untrack({})).toBeNull();
  });

  it('keeps one meta per member and several per key', () => {
    const presence = room();
    presence.track({}, 'same', '{"dev":"phone"}');
    presence.track({}, 'same', '{"dev":"laptop"}');
    expect(parsed(presence.state())).toEqual({ same: { metas: [{ phx_ref: 'r1', dev: 'phone' }, { phx_ref: 'r2', dev: 'laptop' }] } });
  });

  it('lets a tracked phx_ref win over its own', () => {
    expect(parsed(room().track({}, 'a', '{"phx_ref":"x"}'))).toMatchObject({ joins: { a: { metas: [{ phx_ref: 'x' }] } } });
  });

  it('keeps the digits of numbers', () => {
    expect(room().track({}, 'a', '{"id":9007199254740993}')).toContain('"id":9007199254740993');
  });

  it('is, after any calls, the sum of its diffs', () => {
    const call = fc.record({ member: fc.nat(3), key: fc.constantFrom('a', 'b'), payload: fc.option(fc.dictionary(fc.constantFrom('x', 'y'), fc.nat(2))) });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
        const presence = room();
        const members = [{}, {}, {}, {}];
        const known = new Map<unknown, string>();
        for (const { member, key, payload } of calls) {
          const who = members[member] ?? {};
          const diff = parsed(payload === null ? presence.untrack(who) : presence.track(who, key, JSON.stringify(payload))) as { joins: Metas; leaves: Metas } | null;
          for (const meta of Object.values(diff?.leaves ?? {}).flatMap(({ metas }) => metas)) expect(known.delete(meta.phx_ref)).toBe(true);
          for (const [at, { metas }] of Object.entries(diff?.joins ?? {})) for (const meta of metas) known.set(meta.phx_ref, at);
        }
        const state = Object.entries(parsed(presence.state()) as Metas).flatMap(([at, { metas }]) => metas.map((meta) => [meta.phx_ref, at] as const));
        expect(new Map(state)).toEqual(known);
      }),
    );
  });
});
