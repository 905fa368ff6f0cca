import type { SupabaseClient } from '@supabase/supabase-js';
import { of, Subject, type Observable } from 'rxjs';
import { expect, test } from 'vitest';
import { createFakeClock, settle } from '../../../test/support/fakeClock.ts';
import type { RealtimeClient } from '../../clientTypes.ts';
import { silentLogger } from '../../lib/logger.ts';
import { createStore } from '../../store/store.ts';
import { createDashboardMetrics } from './dashboardMetrics.ts';
import { createIdeaNotifications } from './ideaNotifications.ts';
import { createRealTimeChallenges } from './realTimeChallenges.ts';

interface Answer {
  data: unknown;
  status: number;
}

/** A client with a live channel, and a REST whose answers the test gives. */
function setup(user: { id: string } | null = { id: 'u1' }) {
  const clock = createFakeClock();
  const requests: ((answer: Answer) => Promise<void>)[] = [];
  const from = () => {
    let resolve: (value: unknown) => void = () => undefined;
    const answered = new Promise<unknown>((settled) => (resolve = settled));
    const chain: Record<string, unknown> = {
      then: (...handlers: Parameters<Promise<unknown>['then']>) => {
        requests.push(async ({ data, status }) => {
          resolve({ data, status, error: status < 300 ? null : { message: 'no' } });
          await settle();
        });
        return answered.then(...handlers);
      },
    };
    for (const name of ['select', 'update', 'eq', 'in', 'lte', 'not', 'maybeSingle']) chain[name] = () => chain;
    return chain;
  };
  const live = createStore({ status: 'live', previous: null, since: 0, error: null });
  const rows = createStore({ rows: [{ id: 'n1', is_read: false, created_at: '2026-01-01T00:00:00+00:00' }], status: 'live', syncedAt: 1, error: null });
  const silent: Observable<never> = new Subject();
  const realtime = {
    user, clock, logger: silentLogger,
    supabase: { from } as unknown as SupabaseClient,
    hasOutbox: false,
    channel: () => ({ store: live, status$: live.value$, changes$: () => silent, broadcast$: () => silent, presence$: of(new Map()) }),
    live: () => ({ store: rows, changes$: silent }),
  } as unknown as RealtimeClient; // what these features use of it
  const answer = (n: number, status: number, data: unknown = null): Promise<void> => {
    const give = requests[n];
    if (give === undefined) throw new Error(`request ${String(n)} was not made`);
    return give({ data, status });
  };
  return { clock, realtime, requests, answer };
}
const metrics = {
  total_users: 1, active_users_30d: 1, new_users_7d: 1, new_users_30d: 1, admin_count: 1, innovator_count: 1, expert_count: 1, partner_count: 1,
  evaluator_count: 1, domain_expert_count: 1, team_members_count: 1, user_growth_rate_percentage: null, last_updated: '2026-01-01T00:00:00+00:00',
};

test('the dashboard is read again when a read failed for a reason that passes, and no more after it was left', async () => {
  const { clock, realtime, requests, answer } = setup();
  const { store } = createDashboardMetrics(realtime);
  const leave = store.subscribe(() => undefined);
  await settle();
  await answer(0, 503);
  expect(store.get()).toMatchObject({ status: 'error', error: { code: 'command/failed' } });
  await clock.advance(2_000);
  await answer(1, 200, metrics);
  expect(store.get()).toMatchObject({ status: 'live', error: null, metrics: { total_users: 1 } });
  await clock.advance(3_600_000);
  expect(requests.length).toBe(2);

  leave();
  store.subscribe(() => undefined)();
  await settle();
  expect([requests.length, clock.pending]).toEqual([3, 0]);
  await answer(2, 503);
  expect(clock.pending).toBe(0);
});

test('the dashboard is not read again when it was refused', async () => {
  const { clock, realtime, requests, answer } = setup();
  const { store } = createDashboardMetrics(realtime);
  store.subscribe(() => undefined);
  await settle();
  await answer(0, 403);
  await clock.advance(3_600_000);
  expect([requests.length, store.get().status]).toEqual([1, 'error']);
});

test('an innovator is looked up again after the token was refused', async () => {
  const { clock, realtime, answer } = setup();
  const { store } = createIdeaNotifications(realtime);
  store.subscribe(() => undefined);
  await settle();
  await answer(0, 401);
  expect(store.get()).toMatchObject({ status: 'error', error: { code: 'command/failed' } });
  await clock.advance(2_000);
  await answer(1, 200, { id: 'i1' });
  expect(store.get()).toMatchObject({ status: 'live', error: null });
});

test('a lookup of an earlier mount that fails late changes nothing', async () => {
  const { clock, realtime, answer } = setup();
  const { store } = createIdeaNotifications(realtime);
  store.subscribe(() => undefined)();
  store.subscribe(() => undefined);
  await settle();
  await answer(1, 200, null); // no innovator
  expect(store.get()).toMatchObject({ status: 'idle', error: null });
  await answer(0, 503);
  expect([store.get(), clock.pending]).toMatchObject([{ status: 'idle', error: null }, 0]);
});

test('a notification whose clearing failed is shown again', async () => {
  const { realtime, answer } = setup();
  const { store, actions } = createRealTimeChallenges(realtime);
  store.subscribe(() => undefined);
  const ids = () => store.get().notifications.map(({ id }) => id);
  const cleared = expect(actions.clearNotification('n1')).rejects.toMatchObject({ code: 'command/failed' });
  expect([ids(), store.get().unreadCount]).toEqual([[], 0]);
  await settle();
  await answer(0, 503);
  await cleared;
  expect([ids(), store.get().unreadCount]).toEqual([['n1'], 1]);

  const all = actions.clearAllNotifications();
  await settle();
  await answer(1, 200); // up to the newest one
  await answer(2, 200); // those shown
  await all;
  expect(ids()).toEqual([]);
});

test('without a signed-in person the reason is said also after the last subscriber has gone', () => {
  const { realtime } = setup(null);
  const { store } = createRealTimeChallenges(realtime);
  store.subscribe(() => undefined)();
  expect(store.get()).toMatchObject({ status: 'idle', error: { code: 'auth/no-user' } });
});
