import { openDatabase } from '../../src/database/openDatabase.ts';
import type { Caller, Database } from '../../src/database/database.ts';
import { createChangeFeed, type ChangeFeed, type DeliveredChange, type SubscribeRequest, type Subscription, type Verdict } from '../../src/realtime/changes/index.ts';
import { createTime } from '../../src/lib/time.ts';
import { createSeams } from '../../src/realtime/seams.ts';
import { Tenant } from '../../src/realtime/tenant/index.ts';
import { recordingLogger, type RecordingLogger } from './recordingLogger.ts';

/** A database with its change feed, for tests that look at what subscribers get. */
export interface Changes {
  db: Database;
  feed: ChangeFeed;
  logger: RecordingLogger;
  /** Resolves once everything committed before is delivered. */
  settled: () => Promise<void>;
  close(): Promise<void>;
}

export interface OpenChangesOptions {
  /** SQL to run before anything is watched. */
  setup?: string;
  /** See `createTime`. */
  timeScale?: number;
}

export const service: Caller = { role: 'service_role', claims: { role: 'service_role' } };
export const anon: Caller = { role: 'anon', claims: { role: 'anon' } };

/** A signed-in caller. */
export function user(sub: string): Caller {
  return { role: 'authenticated', claims: { role: 'authenticated', sub } };
}

export async function openChanges({ setup = '', timeScale = 1 }: OpenChangesOptions = {}): Promise<Changes> {
  const db = await openDatabase({ dataDir: null });
  const logger = recordingLogger();
  const time = createTime({ timeScale });
  const feed = createChangeFeed({ db, logger, time, seams: createSeams(), tenant: new Tenant({ time, logger }) });
  await db.exec(setup);
  await feed.start();
  return {
    db,
    feed,
    logger,
    settled: async () => {
      // Comes after every statement before; its commit has been heard of by then.
      await db.query('select 1');
      await feed.settled();
    },
    close: async () => {
      await feed.close();
      await db.close();
    },
  };
}

/** A subscription that must be granted, with what it received. */
export interface Listener {
  subscription: Subscription;
  received: DeliveredChange[];
  verdicts: Verdict[];
}

export async function listen(feed: ChangeFeed, caller: Caller, bindings: SubscribeRequest['bindings']): Promise<Listener> {
  const received: DeliveredChange[] = [];
  const verdicts: Verdict[] = [];
  const subscription = await subscribed(feed, { bindings, caller, topic: 'test', deliver: (change) => void received.push(change), onVerdict: (verdict) => void verdicts.push(verdict) });
  return { subscription, received, verdicts };
}

async function subscribed(feed: ChangeFeed, request: SubscribeRequest): Promise<Subscription> {
  const result = await feed.subscribe(request);
  if (!result.ok) throw new Error(result.message);
  return result.subscription;
}

/** `data` of a frame, parsed. */
export interface ChangeData {
  table: string;
  type: string;
  record?: Record<string, unknown>;
  old_record?: Record<string, unknown>;
  columns: { name: string; type: string }[];
  errors: string[] | null;
  schema: string;
  commit_timestamp: string | null;
}

export function parseData(dataJson: string): ChangeData {
  return JSON.parse(dataJson) as ChangeData;
}

export function recordOf(dataJson: string): Record<string, unknown> {
  return parseData(dataJson).record ?? {};
}
