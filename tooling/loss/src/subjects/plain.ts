import type { RealtimePostgresChangesPayload } from '@supabase/supabase-js';
import { byId, COLUMNS, type Row } from '../rows.ts';
import type { App, Running, Subject } from '../subject.ts';

/** How often the measure of costs reads the table, in milliseconds. */
const POLL_EVERY_MS = 5_000;

const plain = { packages: ['@supabase/supabase-js'], table: 'items', ours: false } as const;

/** What the seed does, and most tutorials: the page reads the table and subscribes, at the same time. */
export const fetchOnMount: Subject = {
  ...plain,
  name: 'fetch-on-mount',
  title: 'fetch on mount + subscribe',
  listens: true,
  async start(app) {
    const page = createPage(app);
    page.subscribe(() => undefined);
    await page.fetch();
    return page;
  },
};

/** What supabase-js can tell of a lost connection, heard: the table is read whenever the channel says SUBSCRIBED. */
export const fetchAtSubscribed: Subject = {
  ...plain,
  name: 'fetch-at-subscribed',
  title: 'fetch at every SUBSCRIBED',
  listens: true,
  start(app) {
    const page = createPage(app);
    page.subscribe((status) => {
      if (status === 'SUBSCRIBED') void page.fetch();
    });
    return Promise.resolve(page);
  },
};

/** No realtime at all: the measure of what being right costs when nothing is known. */
export function createPoll(everyMs = POLL_EVERY_MS): Subject {
  return {
    ...plain,
    name: 'poll',
    title: `full fetch every ${String(everyMs / 1_000)} s`,
    listens: false,
    async start(app) {
      const page = createPage(app);
      const timer = setInterval(() => void page.fetch(), everyMs);
      await page.fetch();
      return {
        rows: page.rows,
        stop() {
          clearInterval(timer);
          return page.stop();
        },
      };
    },
  };
}

interface Page extends Running {
  fetch(): Promise<void>;
  subscribe(onStatus: (status: string) => void): void;
}

function createPage({ supabase, table, filter }: App): Page {
  let rows = new Map<string, Row>();
  const apply = (change: RealtimePostgresChangesPayload<Row & Record<string, unknown>>): void => {
    const next = new Map(rows);
    if (change.eventType === 'DELETE') next.delete(change.old.id ?? '');
    else next.set(change.new.id, change.new);
    rows = next;
  };
  return {
    rows: () => rows,
    async fetch() {
      const query = supabase.from(table).select(COLUMNS.join(','));
      const { data } = await (filter === null ? query : query.eq(filter.column, filter.value)).overrideTypes<Row[], { merge: false }>();
      if (data !== null) rows = byId(data);
    },
    subscribe(onStatus) {
      const binding = { event: '*', schema: 'public', table, ...(filter === null ? {} : { filter: `${filter.column}=eq.${filter.value}` }) } as const;
      supabase.channel('items').on('postgres_changes', binding, apply).subscribe(onStatus);
    },
    async stop() {
      await supabase.removeAllChannels();
    },
  };
}
