import { request } from 'node:http';
import { compareLane, type Difference } from './compare.ts';
import type { Incident } from './incidents.ts';
import { httpFrame, type Received } from './frames.ts';
import type { Laboratory } from './laboratory.ts';
import { isUnfinished, type Line, type Recording } from './recording.ts';
import { ReplaySocket } from './replaySocket.ts';
import { HTTP, scriptOf, type Statement, type Step } from './script.ts';
import { ourSettings } from './tenantRequest.ts';
import { isVerdict, racingLeaves } from './tolerance.ts';
import { restoreBody } from './truncated.ts';
import { VolatileComparison } from './volatile.ts';

/** How long an expected frame may be late, in real milliseconds, beyond the scaled time it took when recorded. */
const PATIENCE_MS = 8_000;
/** How long to wait for a frame that may be missing. */
const HOPE_MS = 1_000;
/** Silence in which nothing more may come before the sockets end, in real milliseconds. */
const QUIET_MS = 50;

/** Replays a recording and says what differs; nothing when it holds. */
export async function replay(recording: Recording, laboratory: Laboratory, timeScale: number): Promise<{ differences: Difference[]; notes: string[] }> {
  const { recorded, received, notes } = await play(recording, laboratory, timeScale);
  return { differences: differencesOf(recording, recorded, received), notes };
}

/** Frames by socket. */
type Frames = ReadonlyMap<string, readonly Received[]>;

/** Does what the recorder did; what its sockets were to receive, and did. */
export async function play(recording: Recording, { port, db, tenant, suffer, settled }: Laboratory, timeScale: number): Promise<{ recorded: Frames; received: Frames; notes: string[] }> {
  const steps = scriptOf(recording, Date.now());
  const run = new Run(steps, { port, db, tenant, suffer, settled, timeScale });
  try {
    await run.all();
  } finally {
    run.endAll();
  }
  const recorded = new Map<string, Received[]>();
  for (const step of steps) if (step.kind === 'expect') recorded.set(step.conn, [...(recorded.get(step.conn) ?? []), step.frame]);
  return { recorded, received: run.received, notes: run.notes };
}

/** Recorded and received frames by socket and topic, compared. */
export function differencesOf(recording: Recording, recordedFrames: Frames, receivedFrames: Frames): Difference[] {
  const volatile = new VolatileComparison(recording);
  const racing = racingLeaves(recording.lines);
  const unfinished = isUnfinished(recording.lines);
  // A new token and a changed publication have subscriptions checked again.
  const verdictsRepeat = /"access_token",\{|"event":\s*"access_token"|\bpublication\b/.test(recording.sent);
  const lanes = new Map<string, { recorded: Received[]; actual: Received[] }>();
  const lane = (conn: string, topic: string) => {
    const key = `${conn} ${topic}`;
    const known = lanes.get(key) ?? { recorded: [], actual: [] };
    lanes.set(key, known);
    return known;
  };
  for (const [conn, frames] of recordedFrames) for (const frame of frames) lane(conn, frame.lane).recorded.push(frame);
  for (const [conn, frames] of receivedFrames) for (const frame of frames) lane(conn, frame.lane).actual.push(frame);
  // The recorder did not write down every pong, nor that a socket of supabase-js opened.
  for (const [where, { recorded }] of lanes) if (/\((?:pong|open)\)$/.test(where) && recorded.length === 0) lanes.delete(where);
  return [...lanes].flatMap(([where, { recorded, actual }]) =>
    compareLane({ where, recorded, actual, racing: racing.has(where.replace(/ (.*)$/, ' "$1"')), verdictsRepeat, unfinished }, volatile),
  );
}

interface RunOptions {
  port: number;
  db: Laboratory['db'];
  tenant: Laboratory['tenant'];
  suffer: (incident: Incident) => Promise<void>;
  settled: Laboratory['settled'];
  timeScale: number;
}

class Run {
  readonly received = new Map<string, Received[]>();
  /** What a person should know who looks at the differences. */
  readonly notes: string[] = [];
  readonly #steps: readonly Step[];
  readonly #options: RunOptions;
  readonly #sockets = new Map<string, ReplaySocket>();
  readonly #counts = new Map<string, number>();
  readonly #needed = new Map<string, number>();
  readonly #hopedFor = new Map<string, number>();
  #onReceived: () => void = () => undefined;

  constructor(steps: readonly Step[], options: RunOptions) {
    this.#steps = steps;
    this.#options = options;
  }

  async all(): Promise<void> {
    const lastWait = this.#steps.length - 1 - [...this.#steps].reverse().findIndex((step) => step.kind !== 'end');
    let previous = { t: 0, at: performance.now() };
    for (const [index, step] of this.#steps.entries()) {
      if (step.kind === 'expect') {
        this.#need(step);
        continue;
      }
      if (!(await this.#arrived((step.t - previous.t) * this.#options.timeScale))) return;
      if (index === lastWait + 1) await this.#quiet();
      await sleep(previous.at + (step.t - previous.t) * this.#options.timeScale - performance.now());
      previous = { t: step.t, at: performance.now() };
      await this.#do(step);
    }
    const last = this.#steps.at(-1)?.t ?? 0;
    await this.#arrived((last - previous.t) * this.#options.timeScale);
    // Sockets that the recording did not end are still to be listened to.
    if (lastWait === this.#steps.length - 1) await this.#quiet();
  }

  /** Waits for frames that should not come: all that the server has in work, and a moment of silence. */
  async #quiet(): Promise<void> {
    await this.#options.settled();
    await sleep(QUIET_MS);
    await this.#flush();
  }

  /** Resolves once the server has read what was sent, and its answers so far have come. */
  async #flush(): Promise<void> {
    await Promise.all([...this.#sockets.values()].map((socket) => socket.flushed()));
  }

  endAll(): void {
    for (const socket of this.#sockets.values()) socket.end(1006);
  }

  async #do(step: Exclude<Step, { kind: 'expect' }>): Promise<void> {
    switch (step.kind) {
      case 'connect':
        return this.#connect(step);
      case 'send':
        return (await this.#open(step.conn))?.send(step.data);
      case 'ping':
        return (await this.#open(step.conn))?.ping();
      case 'end':
        return this.#sockets.get(step.conn)?.end(step.code);
      case 'sql':
        return this.#sql(step.statements);
      case 'request':
        return this.#keep(HTTP, await send(step.line, this.#options.port));
      case 'tenant':
        return this.#setTenant(step);
      case 'incident':
        await this.#flush();
        return this.#options.suffer(step.incident);
      case 'lack':
        return void this.notes.push(step.what);
    }
  }

  #connect({ conn, path, headers }: Extract<Step, { kind: 'connect' }>): void {
    const socket = new ReplaySocket(`ws://127.0.0.1:${this.#options.port}${path}`, headers, (frame) => this.#keep(conn, frame));
    this.#sockets.set(conn, socket);
  }

  async #open(conn: string): Promise<ReplaySocket | undefined> {
    const socket = this.#sockets.get(conn);
    await socket?.settled();
    return socket?.isOpen === true ? socket : undefined;
  }

  async #setTenant({ changes, answer }: Extract<Step, { kind: 'tenant' }>): Promise<void> {
    const { tenant } = this.#options;
    await this.#flush();
    tenant.set(changes);
    this.#keep(HTTP, ourSettings(tenant.settings, answer));
  }

  /** Recorded SQL may fail, as some did when they were recorded; what counts is what the sockets receive. */
  async #sql(statements: readonly Statement[]): Promise<void> {
    const { db } = this.#options;
    // The database is in this process and would be faster than what was sent before.
    await this.#flush();
    // Started at once, so that they run one after another with nothing between.
    const runs = statements.map(({ sql, params }) => (params ? db.query(sql, params).then(() => undefined) : db.exec(sql)));
    const noted = runs.map((run) => run.catch((error: unknown) => void this.notes.push(`SQL failed: ${String(error)}`)));
    await Promise.all(noted);
  }

  #keep(conn: string, frame: Received): void {
    const known = this.received.get(conn) ?? [];
    this.received.set(conn, [...known, frame]);
    const key = keyOf(conn, frame);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#onReceived();
  }

  #need({ conn, frame, optional }: Extract<Step, { kind: 'expect' }>): void {
    const key = keyOf(conn, frame);
    if (!optional) this.#needed.set(key, (this.#needed.get(key) ?? 0) + 1);
    // Need not come, but when it does, what follows may depend on it: a subscription that was made anew.
    else if (isVerdict(frame)) this.#hopedFor.set(key, (this.#hopedFor.get(key) ?? this.#needed.get(key) ?? 0) + 1);
  }

  /** Waits until as many frames of each kind came as must have come by now; false when they do not come. */
  async #arrived(recordedMs: number): Promise<boolean> {
    if (this.#hopedFor.size > 0) await this.#haveCome(this.#hopedFor, HOPE_MS + recordedMs);
    this.#hopedFor.clear();
    return this.#haveCome(this.#needed, PATIENCE_MS + recordedMs);
  }

  async #haveCome(counts: ReadonlyMap<string, number>, patienceMs: number): Promise<boolean> {
    const isComplete = () => [...counts].every(([key, count]) => (this.#counts.get(key) ?? 0) >= count);
    if (isComplete()) return true;
    return new Promise((resolve) => {
      const impatience = setTimeout(() => finish(false), patienceMs);
      const finish = (complete: boolean) => {
        clearTimeout(impatience);
        this.#onReceived = () => undefined;
        resolve(complete);
      };
      this.#onReceived = () => isComplete() && finish(true);
    });
  }
}

function keyOf(conn: string, { lane, event }: Received): string {
  return `${conn} ${lane} ${event}`;
}

function send({ method = 'GET', path = '/', headers = {}, body }: Line, port: number): Promise<Received> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers: { ...typeOf(body, headers), ...headers } }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve(httpFrame(response.statusCode ?? 0, Buffer.concat(parts).toString())));
    });
    sent.on('error', reject);
    sent.end(bytesOf(body));
  });
}

/** The recorder sent objects as JSON, with the header that it then did not write down. */
function typeOf(body: unknown, headers: Record<string, string>): Record<string, string> {
  const has = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return body === undefined || has ? {} : { 'content-type': 'application/json' };
}

function bytesOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  if (typeof body === 'object' && body !== null && 'type' in body && body.type === 'Buffer' && 'data' in body) return Buffer.from(body.data as number[]);
  return Buffer.from(restoreBody(JSON.stringify(body)));
}

function sleep(ms: number): Promise<void> {
  return ms <= 1 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
