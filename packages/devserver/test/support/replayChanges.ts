import { readFileSync } from 'node:fs';
import type { Caller } from '../../src/database/database.ts';
import type { Binding, Subscription } from '../../src/realtime/changes/index.ts';
import type { Changes } from './changes.ts';

interface Line {
  dir: 'in' | 'out' | 'ctl';
  conn?: string;
  event?: string;
  frame?: string;
  sql?: string;
  params?: unknown[];
}

interface JoinPayload {
  config?: { postgres_changes?: (Binding | null)[] };
  access_token?: string;
}

interface Frame {
  topic: string;
  event: string;
  payload: JoinPayload & Record<string, unknown>;
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
export async function replay(changes: Changes, path: string): Promise<Replayed> {
  const replaying = new Replay(changes);
  for (const line of readFileSync(path, 'utf8').trimEnd().split('\n')) await replaying.step(JSON.parse(line) as Line);
  return replaying.finish();
}

class Replay {
  readonly #changes: Changes;
  readonly #callers = new Map<string, Caller>();
  readonly #statements: Replayed[] = [{ expected: [], received: [] }];
  readonly #subscriptions: Subscription[] = [];

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  async step(line: Line): Promise<void> {
    const { conn = '', dir, event, frame } = line;
    if (event === 'connect') this.#callers.set(conn, callerOf(/apikey=([^&]+)/.exec(frame ?? '')?.[1] ?? ''));
    if (event === 'sql' && line.sql !== undefined) await this.#run(line.sql, line.params);
    if (event !== undefined || frame === undefined) return;
    if (dir === 'in') return this.#expect(conn, frame);
    const message = JSON.parse(frame) as Frame;
    if (dir === 'out' && message.event === 'phx_join') await this.#join(conn, message.topic, message.payload);
  }

  async finish(): Promise<Replayed> {
    await this.#changes.settled();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    return {
      expected: this.#statements.flatMap(({ expected }) => expected.sort()),
      received: this.#statements.flatMap(({ received }) => received.sort()),
    };
  }

  async #run(sql: string, params: unknown[] | undefined): Promise<void> {
    await this.#changes.settled();
    this.#statements.push({ expected: [], received: [] });
    await (params === undefined ? this.#changes.db.exec(sql) : this.#changes.db.query(sql, params));
    await this.#changes.settled();
  }

  #expect(conn: string, raw: string): void {
    if (raw.includes('"event":"postgres_changes"')) {
      const frame = /"topic":"((?:[^"\\]|\\.)*)","payload":\{"data":(.*),"ids":\[([\d,]*)\]\}\}$/.exec(raw);
      // A frame that the recorder cut does not end this way.
      if (frame) this.#statements.at(-1)?.expected.push(entryOf(conn, frame[1] ?? '', frame[2] ?? '', frame[3]?.split(',').length ?? 0));
      return;
    }
    const { topic, event, payload } = JSON.parse(raw) as Frame;
    if (event === 'system' && payload.extension === 'postgres_changes') this.#statements.at(-1)?.expected.push(`${conn} ${topic} ${String(payload.message)}`);
  }

  async #join(conn: string, topic: string, payload: JoinPayload): Promise<void> {
    const bindings = bindingsOf(topic, payload);
    const caller = payload.access_token === undefined ? this.#callers.get(conn) : callerOf(payload.access_token);
    if (bindings.length === 0 || caller === undefined) return;
    const receive = (entry: string): void => void this.#statements.at(-1)?.received.push(entry);
    const result = await this.#changes.feed.subscribe({
      bindings,
      caller,
      topic,
      deliver: ({ bindingIndexes, dataJson }) => {
        if (!isUnrecorded(dataJson)) receive(entryOf(conn, JSON.stringify(topic).slice(1, -1), dataJson, bindingIndexes.length));
      },
    });
    receive(`${conn} ${topic} ${result.ok ? 'Subscribed to PostgreSQL' : result.message}`);
    if (result.ok) this.#subscriptions.push(result.subscription);
  }
}

/** Recordings cut frames of 20,000 characters. */
function isUnrecorded(dataJson: string): boolean {
  return dataJson.length > 19_500;
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
