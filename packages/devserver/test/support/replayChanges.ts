import { readFileSync } from 'node:fs';
import type { Caller } from '../../src/database/database.ts';
import type { Binding } from '../../src/realtime/changes/index.ts';
import type { Changes } from './changes.ts';

interface Line {
  dir: 'in' | 'out' | 'ctl';
  conn?: string;
  event?: string;
  frame?: string;
  sql?: string;
  params?: unknown[];
}

interface Frame {
  topic: string;
  event: string;
  payload: Record<string, unknown>;
}

interface JoinPayload {
  config?: { postgres_changes?: (Binding | null)[] };
  access_token?: string;
}

/** What a recording says of `postgres_changes`, and what the feed says to the same joins and statements. */
export interface Replayed {
  expected: string[];
  received: string[];
}

/**
 * Subscribes and runs SQL as a vsn 1 recording did. Both lists hold verdicts and changes as text, one entry each, by
 * statement; within a statement sorted, for the order between channels is arbitrary.
 */
export async function replay({ feed, db, settled }: Changes, path: string): Promise<Replayed> {
  const callers = new Map<string, Caller>();
  const steps: { expected: string[]; received: string[] }[] = [{ expected: [], received: [] }];
  const received = (entry: string): void => void steps.at(-1)?.received.push(entry);
  const subscriptions: { unsubscribe(): void }[] = [];

  for (const line of readFileSync(path, 'utf8').trimEnd().split('\n').map((text) => JSON.parse(text) as Line)) {
    const conn = line.conn ?? '';
    if (line.event === 'connect') callers.set(conn, callerOf(/apikey=([^&]+)/.exec(line.frame ?? '')?.[1] ?? ''));
    if (line.event === 'sql' && line.sql !== undefined) {
      await settled();
      steps.push({ expected: [], received: [] });
      if (line.params === undefined) await db.exec(line.sql);
      else await db.query(line.sql, line.params);
      await settled();
    }
    if (line.event !== undefined || line.frame === undefined) continue;
    const raw = line.frame;
    if (line.dir === 'in' && raw.includes('"event":"postgres_changes"')) {
      const frame = /"topic":"((?:[^"\\]|\\.)*)","payload":\{"data":(.*),"ids":\[([\d,]*)\]\}\}$/.exec(raw);
      // A frame that the recorder cut does not end this way.
      if (frame) steps.at(-1)?.expected.push(entryOf(conn, frame[1] ?? '', frame[2] ?? '', frame[3]?.split(',').length ?? 0));
      continue;
    }
    const { topic, event, payload } = JSON.parse(raw) as Frame;
    if (line.dir === 'in' && event === 'system' && payload.extension === 'postgres_changes') steps.at(-1)?.expected.push(`${conn} ${topic} ${String(payload.message)}`);
    if (line.dir === 'out' && event === 'phx_join') {
      const bindings = bindingsOf(topic, payload as JoinPayload);
      if (bindings.length === 0) continue;
      const token = (payload as JoinPayload).access_token;
      const caller = token === undefined ? callers.get(conn) : callerOf(token);
      if (caller === undefined) continue;
      const result = await feed.subscribe({
        bindings,
        caller,
        topic,
        deliver: ({ bindingIndexes, dataJson }) => isUnrecorded(dataJson) || received(entryOf(conn, JSON.stringify(topic).slice(1, -1), dataJson, bindingIndexes.length)),
      });
      received(`${conn} ${topic} ${result.ok ? 'Subscribed to PostgreSQL' : result.message}`);
      if (result.ok) subscriptions.push(result.subscription);
    }
  }
  await settled();
  for (const subscription of subscriptions) subscription.unsubscribe();
  return { expected: steps.flatMap((step) => step.expected.sort()), received: steps.flatMap((step) => step.received.sort()) };
}

/** Recordings know nothing of the rows that tell when all is delivered, and cut frames of 20,000 characters. */
function isUnrecorded(dataJson: string): boolean {
  return dataJson.startsWith('{"table":"mark"') || dataJson.length > 19_500;
}

/** Everything that says what happened, without what differs from run to run. */
function entryOf(conn: string, topic: string, dataJson: string, bindings: number): string {
  const stable = dataJson
    .replace(/"commit_timestamp":"[^"]*Z"/, '"commit_timestamp":"<time>"')
    .replaceAll(/"(created_at|ts)": "20[23]\d-\d\d-\d\dT[\d:.]+\+00:00"/g, '"$1": "<time>"')
    .replaceAll(/(.)\1{99,}/g, (run, char: string) => `<${char} × ${run.length}>`);
  return `${conn} ${topic} ${withoutGeneratedId(stable)} bindings=${bindings}`;
}

/** Ids that a sequence gave: titles of rows inserted without an id. */
function withoutGeneratedId(dataJson: string): string {
  return /"title": "(smoke|r|after bad)"/.test(dataJson) ? dataJson.replace(/"id": \d+/, '"id": <sequence>') : dataJson;
}

/** A join with nothing but a topic names schema, table and filter there. */
function bindingsOf(topic: string, { config }: JoinPayload): Binding[] {
  if (config !== undefined) return (config.postgres_changes ?? []).filter((binding) => binding !== null);
  const [, schema, table, ...filter] = topic.split(':');
  if (!topic.startsWith('realtime:') || schema === undefined) return [];
  return [{ schema, ...(table === undefined ? {} : { table }), ...(filter.length === 0 ? {} : { filter: filter.join(':') }) }];
}

function callerOf(token: string): Caller {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  return { role: String(claims.role), claims };
}
