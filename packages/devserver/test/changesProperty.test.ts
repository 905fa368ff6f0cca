import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller, Tx } from '../src/database/database.ts';
import type { Binding } from '../src/realtime/changes/index.ts';
import { anon, listen, openChanges, parseData, service, user, type Changes } from './support/changes.ts';

const ids = [1, 2, 3];
const people = ['a', 'b', 'c'] as const;
type Person = (typeof people)[number];

interface Row {
  id: number;
  owner: Person;
  n: number | null;
}

type Write = { kind: 'put'; row: Row } | { kind: 'change'; id: number; n: number | null } | { kind: 'give'; id: number; owner: Person } | { kind: 'delete'; id: number };
interface Transaction {
  writer: 'postgres' | 'service_role' | 'authenticated';
  writes: Write[];
  end: 'commit' | 'rollback';
}

const row = fc.record({ id: fc.constantFrom(...ids), owner: fc.constantFrom(...people), n: fc.option(fc.integer({ min: 0, max: 3 })) });
const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), row }),
  fc.record({ kind: fc.constant('change' as const), id: fc.constantFrom(...ids), n: fc.option(fc.integer({ min: 0, max: 3 })) }),
  fc.record({ kind: fc.constant('give' as const), id: fc.constantFrom(...ids), owner: fc.constantFrom(...people) }),
  fc.record({ kind: fc.constant('delete' as const), id: fc.constantFrom(...ids) }),
);
const transaction: fc.Arbitrary<Transaction> = fc.record({
  writer: fc.constantFrom('postgres', 'service_role', 'authenticated'),
  writes: fc.array(write, { minLength: 1, maxLength: 5 }),
  end: fc.constantFrom('commit', 'commit', 'commit', 'rollback'),
});

/** What a subscriber asks for, with the same in terms of the model. */
const requests: { filter: string; holds(row: Row): boolean }[] = [
  { filter: '', holds: () => true },
  { filter: 'n=gt.1', holds: ({ n }) => n !== null && n > 1 },
  { filter: 'n=not.in.(0,2)', holds: ({ n }) => n !== null && n !== 0 && n !== 2 },
  { filter: 'n=is.null', holds: ({ n }) => n === null },
  { filter: 'n=isdistinct.1,owner=neq.a', holds: ({ n, owner }) => n !== 1 && owner !== 'a' },
];
const readers: { name: string; caller: Caller; sees(owner: Person): boolean }[] = [
  ...people.slice(0, 2).map((person) => ({ name: person, caller: user(person), sees: (owner: Person) => owner === person })),
  { name: 'anon', caller: anon, sees: () => false },
  { name: 'service', caller: service, sees: () => true },
];

describe('the change feed, under random writes in random transactions by random roles', () => {
  let changes: Changes;
  beforeAll(async () => {
    changes = await openChanges({
      setup: `create table items (id int primary key, owner text not null, n int);
        alter table items enable row level security;
        alter table items replica identity full;
        create policy own on items for select to authenticated using (owner = (select current_setting('request.jwt.claims')::jsonb ->> 'sub'));
        create policy work on items for all to authenticated using (current_setting('request.path', true) = '/writer') with check (true);
        alter publication supabase_realtime add table items`,
    });
  });
  afterAll(() => changes.close());

  it('X1: gives each subscriber exactly what its filter and policies allow, in order', async () => {
    const property = fc.asyncProperty(fc.array(transaction, { minLength: 1, maxLength: 6 }), async (transactions) => {
      await changes.db.exec('truncate items');
      const watched = [];
      for (const reader of readers) {
        for (const request of requests) {
          const binding: Binding = { event: '*', schema: 'public', table: 'items', filter: request.filter };
          watched.push({ reader, request, ...(await listen(changes.feed, reader.caller, [binding])) });
        }
      }
      const table = new Map<number, Row>();
      const expected = watched.map((): string[] => []);
      for (const step of transactions) {
        const { log, after } = await perform(changes, step, table);
        await changes.settled();
        watched.forEach(({ reader, request }, index) => {
          for (const change of log) {
            // Row security is asked about the row as it is now, filters about the row as it was written.
            const current = change.row === null ? undefined : after.get(change.id);
            const visible = change.row === null || (current !== undefined && reader.sees(current.owner));
            if (visible && request.holds(change.row ?? change.old)) expected[index]?.push(`${change.type} ${change.id} ${change.row === null ? '' : JSON.stringify(change.row.n)}`);
          }
        });
      }
      watched.forEach(({ reader, request, received, subscription }, index) => {
        subscription.unsubscribe();
        expect(received.map(({ dataJson }) => summary(dataJson)), `${reader.name} with ${request.filter}`).toEqual(expected[index]);
      });
    });
    // A failure prints seed and path; replay with `fc.assert(property, { seed, path })`.
    await fc.assert(property, { numRuns: 25 });
  });
});

type Change = { type: 'INSERT' | 'UPDATE'; id: number; row: Row } | { type: 'DELETE'; id: number; row: null; old: Row };
type LoggedChange = Change & { old: Row };

function summary(dataJson: string): string {
  const { type, record, old_record: old } = parseData(dataJson);
  return `${type} ${String((record ?? old)?.id)} ${record === undefined ? '' : JSON.stringify(record.n)}`;
}

/** Runs a transaction in the database and in the model. */
async function perform({ db }: Changes, { writer, writes, end }: Transaction, table: Map<number, Row>): Promise<{ log: LoggedChange[]; after: Map<number, Row> }> {
  const next = new Map(table);
  const log: LoggedChange[] = [];
  const body = async (tx: Tx): Promise<void> => {
    for (const step of writes) {
      await tx.query(...sqlOf(step));
      apply(step, next, log);
    }
    if (end === 'rollback') throw new Error('on purpose');
  };
  const done = writer === 'postgres' ? db.transaction(body) : db.runAs({ role: writer, claims: { sub: 'writer' } }, body, { path: '/writer' });
  await done.catch((error: unknown) => {
    if (end !== 'rollback' || !(error instanceof Error) || error.message !== 'on purpose') throw error;
  });
  if (end === 'rollback') return { log: [], after: table };
  table.clear();
  for (const [id, item] of next) table.set(id, item);
  return { log, after: next };
}

function sqlOf(step: Write): [string, unknown[]] {
  switch (step.kind) {
    case 'put':
      return ['insert into items values ($1, $2, $3) on conflict (id) do update set owner = excluded.owner, n = excluded.n', [step.row.id, step.row.owner, step.row.n]];
    case 'change':
      return ['update items set n = $2 where id = $1', [step.id, step.n]];
    case 'give':
      return ['update items set owner = $2 where id = $1', [step.id, step.owner]];
    case 'delete':
      return ['delete from items where id = $1', [step.id]];
  }
}

function apply(step: Write, table: Map<number, Row>, log: LoggedChange[]): void {
  const id = step.kind === 'put' ? step.row.id : step.id;
  const old = table.get(id);
  if (step.kind === 'delete') {
    if (old !== undefined) log.push({ type: 'DELETE', id, row: null, old });
    table.delete(id);
    return;
  }
  if (step.kind !== 'put' && old === undefined) return;
  const row: Row = step.kind === 'put' ? step.row : { ...(old ?? { id, owner: 'a', n: null }), ...(step.kind === 'change' ? { n: step.n } : { owner: step.owner }) };
  table.set(id, row);
  log.push({ type: old === undefined ? 'INSERT' : 'UPDATE', id, row, old: old ?? row });
}
