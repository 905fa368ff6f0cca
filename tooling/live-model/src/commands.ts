import fc from 'fast-check';
import { OMAR, SARA } from './tasks.ts';

const id = fc.integer({ min: 1, max: 7 });
const n = fc.integer({ min: -3, max: 6 });
const ms = (max: number): fc.Arbitrary<number> => fc.oneof(fc.constant(0), fc.integer({ min: 1, max }));

/** Writes that the stream tells everybody of whom they concern. */
const toldWrite = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('put' as const), id, n: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), id }) },
);
/** A statement on the table. */
const write = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), id, n }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave the filter' as const), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change the key' as const), id, to: id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('give away' as const), id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('get back' as const), id }) },
);
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;

/** One statement, or several that commit together; sometimes a row that is deleted and comes again. */
const commitOf = (statement: fc.Arbitrary<Write>) =>
  fc
    .oneof(
      { weight: 8, arbitrary: statement.map((one) => [one]) },
      { weight: 3, arbitrary: fc.array(statement, { minLength: 2, maxLength: 4 }) },
      { weight: 2, arbitrary: fc.record({ id, n: fc.integer({ min: 1, max: 6 }) }).map((row): Write[] => [{ do: 'delete', id: row.id }, { do: 'put', ...row }]) },
    )
    .map((writes) => ({ do: 'commit' as const, writes }));

/** Rows come in and out of sight though nobody wrote them. */
const membership = fc.record({ do: fc.constant('membership' as const), holds: fc.boolean() });

/** Faults that lose nothing, or tell of it. */
const toldFaults = [
  fc.record({ do: fc.constant('drop' as const) }),
  fc.record({ do: fc.constant('half-open' as const), forMs: fc.option(ms(40_000), { nil: undefined }), then: fc.constantFrom('heal' as const, 'reset' as const) }),
  fc.record({ do: fc.constant('slow reads' as const), part: fc.constantFrom('request' as const, 'answer' as const), ms: ms(3_000) }),
  fc.record({ do: fc.constant('failing reads' as const), count: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constant('hide' as const) }),
  fc.record({ do: fc.constant('show' as const) }),
  fc.record({ do: fc.constant('restart server' as const), graceful: fc.boolean(), downMs: ms(5_000), coldMs: ms(3_000) }),
  fc.record({ do: fc.constant('close channels' as const) }),
  fc.record({ do: fc.constant('refresh token' as const) }),
  fc.record({ do: fc.constant('expire token' as const), lateMs: ms(10_000) }),
  fc.record({ do: fc.constant('delay ok' as const), ms: ms(2_500), jitterMs: ms(2_500) }),
  fc.record({ do: fc.constant('fail subscriptions' as const), count: fc.integer({ min: 1, max: 2 }) }),
  fc.record({ do: fc.constant('duplicate' as const) }),
  fc.record({ do: fc.constant('late changes' as const), ms: ms(600) }),
  fc.record({ do: fc.constant('heal' as const) }),
] as const;
const anyFault = [
  ...toldFaults,
  fc.record({ do: fc.constant('restart database' as const), downMs: ms(2_000), gapMs: ms(3_000) }),
  fc.record({ do: fc.constant('skip batches' as const), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('cut replication' as const), forMs: ms(5_000) }),
  // It tells of what it lost, but beside a new token that sign may be taken for the token's.
  fc.record({ do: fc.constant('restart replication' as const), forMs: ms(5_000) }),
] as const;

/** Whatever may strike an app. */
export const faults = fc.oneof(...anyFault);
export type Fault = typeof faults extends fc.Arbitrary<infer T> ? T : never;

/** How much happens before the next command: what is under way gets a part of the way, or time passes. */
const pause = fc.oneof(
  { weight: 4, arbitrary: fc.record({ turns: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ ms: fc.integer({ min: 1, max: 1_500 }) }) },
  { weight: 1, arbitrary: fc.record({ ms: fc.integer({ min: 1_500, max: 35_000 }) }) },
);
export type Pause = typeof pause extends fc.Arbitrary<infer T> ? T : never;

/** What is done, and what happens before the next one. */
export interface Step<C> {
  readonly command: C;
  readonly then: Pause;
}

/** Any commands, one after another. */
export const stepsOf = <C>(command: fc.Arbitrary<C>): fc.Arbitrary<Step<C>[]> => fc.array(fc.record({ command, then: pause }), { minLength: 1, maxLength: 12 });

/**
 * What may be done, from the least: `told` – what the stream tells of, or says that it may have lost; `written` – any writes
 * and faults; `any` – also rights that change without a write.
 */
export type Scope = 'told' | 'written' | 'any';

const COMMANDS = {
  told: fc.oneof({ weight: 3, arbitrary: commitOf(toldWrite) }, { weight: 2, arbitrary: fc.oneof(...toldFaults) }),
  written: fc.oneof({ weight: 3, arbitrary: commitOf(write) }, { weight: 2, arbitrary: faults }),
  any: fc.oneof({ weight: 6, arbitrary: commitOf(write) }, { weight: 4, arbitrary: faults }, { weight: 1, arbitrary: membership }),
};

export type Command = (typeof COMMANDS)['any'] extends fc.Arbitrary<infer T> ? T : never;
export const commandsOf = (scope: Scope): fc.Arbitrary<Command> => COMMANDS[scope] as fc.Arbitrary<Command>; // each has a part of them

/** The statement for a write. */
export function sqlOf(one: Write): string {
  const row = `where id = ${String(one.id)}`;
  switch (one.do) {
    case 'put':
      return `insert into tasks (id, n) values (${String(one.id)}, ${String(one.n)}) on conflict (id) do update set n = excluded.n`;
    case 'delete':
      return `delete from tasks ${row}`;
    case 'leave the filter':
      return `update tasks set n = -1 - abs(n) ${row}`;
    case 'change the key':
      return `update tasks set id = ${String(one.to)} ${row} and not exists (select from tasks where id = ${String(one.to)})`;
    case 'give away':
      return `update tasks set owner = '${OMAR}' ${row}`;
    case 'get back':
      return `update tasks set owner = '${SARA}' ${row}`;
  }
}
