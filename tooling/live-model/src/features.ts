import type { RealtimeClient, Store } from '@ruwad/realtime-core';
import { createBookmarks, createChallengeDiscussion, createIdeaNotifications, createRealTimeChallenges, createRealTimeEvents, type FeatureState } from '@ruwad/realtime-core/ruwad';
import fc from 'fast-check';
import { fileURLToPath } from 'node:url';
import type { Watched } from './endings.ts';
import { OMAR, SARA } from './tasks.ts';
import type { WorldOptions } from './world.ts';

const supabase = (path: string): string => fileURLToPath(new URL(`../../../supabase/${path}`, import.meta.url));

/** The platform's database. Time may stand still here, so that versions also count rows. */
export const PLATFORM: WorldOptions = {
  migrations: supabase('migrations'),
  seed: supabase('seed.sql'),
  setup: `
    create sequence ticks;
    create function tick() returns timestamptz language sql as $$ select clock_timestamp() + nextval('ticks') * interval '1 millisecond' $$;
    alter table ideas alter updated_at set default tick();
    alter table challenge_comments alter updated_at set default tick();
  `,
};

const WATER = 'c0000000-0000-4000-8000-000000000001';
const EMERGENCY = 'c0000000-0000-4000-8000-000000000002';
const [SARAS_IDEAS, OMARS_IDEAS] = ['d1000000-0000-4000-8000-000000000002', 'd1000000-0000-4000-8000-000000000003'];

/** Intervals of queries by default, in ms. */
const WITH_VERSION_MS = 30_000;
const WITHOUT_VERSION_MS = 60_000;

/** A statement on the table behind a feature: a row comes or changes, leaves what Sara is shown, or is deleted. */
export const platformWrite = fc.record({
  do: fc.constant('write' as const),
  feature: fc.constantFrom('comments' as const, 'events' as const, 'ideas' as const, 'notifications' as const, 'bookmarks' as const),
  what: fc.oneof({ weight: 3, arbitrary: fc.constant('put' as const) }, fc.constant('leave' as const), fc.constant('delete' as const)),
  row: fc.integer({ min: 1, max: 4 }),
  text: fc.constantFrom('a', 'b', 'c'),
});
export type PlatformWrite = typeof platformWrite extends fc.Arbitrary<infer T> ? T : never;

interface Feature {
  readonly table: string;
  /** Shows it, as its hook and composable do. */
  readonly show: (realtime: RealtimeClient) => { readonly store: Store<FeatureState>; readonly rows: () => readonly unknown[] };
  /** What it is to show. */
  readonly sql: string;
  readonly reconcileMs: number;
  readonly put: (id: string, text: string) => string;
  /** The assignment by which a row leaves. */
  readonly leave: string;
}

const BOOKMARKED = { challenge: 'challenges', idea: 'ideas', event: 'events', opportunity: 'opportunities', partner: 'partners' } as const;
const kinds = Object.keys(BOOKMARKED) as (keyof typeof BOOKMARKED)[];

const FEATURES: Readonly<Record<PlatformWrite['feature'], Feature>> = {
  comments: {
    table: 'challenge_comments',
    show(realtime) {
      const { store } = createChallengeDiscussion(realtime, { challengeId: WATER });
      return { store, rows: () => store.get().comments.map(({ id, content }) => ({ id, content })) };
    },
    sql: `select id, content from challenge_comments where challenge_id = '${WATER}' order by created_at, id desc`,
    reconcileMs: WITH_VERSION_MS,
    put: (id, text) => `(id, challenge_id, user_id, content) values ('${id}', '${WATER}', '${OMAR}', '${text}') on conflict (id) do update set content = excluded.content, challenge_id = excluded.challenge_id`,
    leave: `challenge_id = '${EMERGENCY}'`,
  },
  events: {
    table: 'events',
    show(realtime) {
      const { store } = createRealTimeEvents(realtime);
      return { store, rows: () => store.get().events.map(({ id, status }) => ({ id, status })) };
    },
    sql: 'select id, status from events order by event_date desc, id',
    reconcileMs: WITHOUT_VERSION_MS,
    put: (id, text) => `(id, title_ar, event_date, status) values ('${id}', 'x', '2026-12-01', '${text}') on conflict (id) do update set status = excluded.status`,
    leave: `event_date = event_date - 7`, // everybody sees all events; this one moves
  },
  ideas: {
    table: 'ideas',
    show(realtime) {
      const { store } = createIdeaNotifications(realtime);
      return { store, rows: () => store.get().ideas.map(({ id, solution_approach }) => ({ id, solution_approach })) };
    },
    sql: `select id, solution_approach from ideas where innovator_id = '${SARAS_IDEAS}' order by created_at desc, id`,
    reconcileMs: WITH_VERSION_MS,
    put: (id, text) => `(id, title_ar, description_ar, innovator_id, solution_approach) values ('${id}', 'x', 'x', '${SARAS_IDEAS}', '${text}') on conflict (id) do update set solution_approach = excluded.solution_approach, innovator_id = excluded.innovator_id`,
    leave: `innovator_id = '${OMARS_IDEAS}'`,
  },
  notifications: {
    table: 'challenge_notifications',
    show(realtime) {
      const { store } = createRealTimeChallenges(realtime);
      return { store, rows: () => store.get().notifications.map(({ id, title, is_read }) => ({ id, title, is_read })) };
    },
    sql: `select id, title, is_read from challenge_notifications where recipient_id = '${SARA}' order by created_at desc, id`,
    reconcileMs: WITHOUT_VERSION_MS,
    put: (id, text) => `(id, challenge_id, recipient_id, notification_type, title, message) values ('${id}', '${WATER}', '${SARA}', 'new_comment', '${text}', '') on conflict (id) do update set title = excluded.title, recipient_id = excluded.recipient_id, is_read = not challenge_notifications.is_read`,
    leave: `recipient_id = '${OMAR}'`,
  },
  bookmarks: {
    table: 'partner_bookmarks',
    show(realtime) {
      const { store } = createBookmarks(realtime);
      const rows = () => {
        const state = store.get();
        return kinds.flatMap((kind) => state[`${kind}Bookmarks`].map((row) => ({ id: row.id, notes: 'notes' in row ? row.notes : null })));
      };
      return { store, rows };
    },
    sql: `select id, notes from (${kinds.map((kind, at) => `select id, ${kind === 'partner' ? 'notes' : 'null as notes'}, created_at, ${String(at)} as kind from ${kind}_bookmarks`).join(' union all ')}) bookmarks order by kind, created_at desc, id`,
    reconcileMs: WITHOUT_VERSION_MS,
    put: (id, text) => `(id, user_id, partner_id, notes) select '${id}', '${SARA}', id, '${text}' from partners order by id limit 1 on conflict (user_id, partner_id) do update set notes = excluded.notes`,
    leave: `priority = 'low'`,
  },
};

/** The statement for a write. */
export function platformSql({ feature, what, row, text }: PlatformWrite): string {
  const { table, put, leave } = FEATURES[feature];
  const id = `ee000000-0000-4000-8000-00000000000${String(row)}`;
  if (what === 'put') return `insert into ${table} ${put(id, text)}`;
  return what === 'leave' ? `update ${table} set ${leave} where id = '${id}'` : `delete from ${table} where id = '${id}'`;
}

/** The platform's lists of one person, on a screen. */
export function showFeatures(realtime: RealtimeClient): (Watched & { close: () => void })[] {
  return Object.values(FEATURES).map(({ show, sql, reconcileMs }) => {
    const { store, rows } = show(realtime);
    const close = store.subscribe(() => undefined);
    return { sql, reconcileMs, close, read: () => ({ status: store.get().status, rows: rows() }) };
  });
}
