import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../src/database/database.ts';
import { openProjectDatabase, undone } from './schemaDatabase.ts';

let db: Database;
beforeAll(async () => {
  db = await openProjectDatabase();
});
afterAll(() => db.close());

/** The hours that differ from a fresh count of the events; none, when the triggers do their work. */
const differences = () =>
  db.query(`
    select coalesce(k.event_type, c.event_type) as event_type, coalesce(k.hour, c.hour) as hour, k.count as kept, c.count as counted
    from (select * from public.analytics_hourly where count <> 0) k
    full join (
      select event_type, date_trunc('hour', "timestamp", 'UTC') as hour, count(*) as count from public.analytics_events group by 1, 2
    ) c on c.event_type = k.event_type and c.hour = k.hour
    where k.count is distinct from c.count`);

const type = fc.constantFrom('page_view', 'error', 'صفحة');
const hour = fc.integer({ min: 0, max: 4 });
const moment = (hours: number) => `timestamptz '2026-03-01 00:30+03' + interval '${hours} hours 17 minutes'`;
const value = ([kind, at]: [string, number]) => `('${kind}', ${moment(at)})`;

/** One statement that changes events, in SQL. */
const statement = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.tuple(type, hour), { minLength: 1, maxLength: 6 }).map((rows) => `insert into analytics_events (event_type, "timestamp") values ${rows.map(value).join(', ')}`) },
  fc.tuple(type, type).map(([from, to]) => `update analytics_events set event_type = '${to}' where event_type = '${from}' and "timestamp" < '2026-04-01'`),
  fc.tuple(hour, hour).map(([from, to]) => `update analytics_events set "timestamp" = ${moment(to)} where "timestamp" = ${moment(from)}`),
  fc.constant(`update analytics_events set properties = '{"x": 1}'`),
  fc.tuple(type, hour).map(([kind, at]) => `delete from analytics_events where event_type = '${kind}' and "timestamp" <= ${moment(at)}`),
  fc.constant(`insert into analytics_events (id, event_type) select id, 'again' from analytics_events limit 3 on conflict (id) do nothing`),
  fc.constant(`insert into analytics_events (id, event_type) select id, event_type from analytics_events limit 3 on conflict (id) do update set event_type = 'merged'`),
);

describe('analytics_hourly', () => {
  it('equals the count of events after the seed', async () => {
    expect(await db.query('select sum(count)::int as events from public.analytics_hourly')).toEqual([{ events: 240 }]);
    expect(await differences()).toEqual([]);
  });

  it('equals the count of events after any inserts, updates and deletes, kept or rolled back', async () => {
    // fast-check prints the seed and the shrunk statements of a failure.
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ sql: statement, keep: fc.boolean() }), { minLength: 1, maxLength: 8 }), async (steps) => {
        for (const { sql, keep } of steps) {
          await (keep ? db.exec(sql) : undone(db, (tx) => tx.exec(sql)));
        }
        expect(await differences()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('stays right when a person is deleted, whose events stay without them', async () => {
    await db.exec(`delete from auth.users where id = 'a0000000-0000-4000-8000-000000000004'`);
    expect(await differences()).toEqual([]);
  });

  it('keeps an hour that lost its events, with 0', async () => {
    await db.exec(`insert into analytics_events (event_type, "timestamp") values ('rare', '2026-05-01 12:59+00')`);
    await db.exec(`delete from analytics_events where event_type = 'rare'`);
    expect(await db.query(`select hour, count::int from analytics_hourly where event_type = 'rare'`)).toEqual([{ hour: '2026-05-01 12:00:00+00', count: 0 }]);
  });

  it('is all zero after a truncate', async () => {
    await db.exec('truncate analytics_events');
    expect(await db.query('select 1 from analytics_hourly where count <> 0')).toEqual([]);
  });
});
