import { binaryFrame, closeFrame, httpFrame, textFrame, type Received } from './frames.ts';
import type { Line, Recording } from './recording.ts';
import { isOptional, isVerdict } from './tolerance.ts';
import { hasPresenceRace } from './presenceRace.ts';
import { incidentsOf, type Incident } from './incidents.ts';
import { answeredSettings, tenantChanges } from './tenantRequest.ts';
import { restoreFrame } from './truncated.ts';
import type { TenantSettings } from '../src/realtime/index.ts';

/** Conn label of HTTP requests, which have none. */
export const HTTP = '(http)';
/** A frame over this closes its socket. */
const MAX_FRAME_BYTES = 5_000_000;
/** An idle server looks for changes this seldom (PROTOCOL.md §2). */
const IDLE_POLL_MS = 500;
/** A server closes a socket that was silent for this long; an earlier close 1000 was the client's. */
const IDLE_MS = 60_000;

/** SQL to run; with parameters it is one statement. */
export interface Statement {
  sql: string;
  params: unknown[] | undefined;
}

/** One step of a replay: something to do, or something that must come. */
export type Step =
  | { kind: 'connect'; t: number; conn: string; path: string; headers: Record<string, string> }
  | { kind: 'send'; t: number; conn: string; data: string | Buffer }
  | { kind: 'end'; t: number; conn: string; code: number }
  | { kind: 'ping'; t: number; conn: string }
  | { kind: 'sql'; t: number; statements: Statement[] }
  | { kind: 'request'; t: number; line: Line }
  | { kind: 'incident'; t: number; incident: Incident }
  /** Something that cannot be done, which a person should know. */
  | { kind: 'lack'; t: number; what: string }
  /** `answer` is what the recorded server then told of its settings. */
  | { kind: 'tenant'; t: number; changes: Partial<TenantSettings>; answer: Received }
  | { kind: 'expect'; t: number; conn: string; frame: Received; optional: boolean };

/** Turns a recording into steps, for a replay that begins at `nowMs`. */
export function scriptOf({ lines, startMs, unrecorded }: Recording, nowMs: number): Step[] {
  const sockets = new Map<string, SocketHistory>();
  const of = (conn: string): SocketHistory => {
    const known = sockets.get(conn) ?? { opened: false, refs: new Map(), lastRef: 0, lastSentMs: 0, lastBytes: 0, verdicts: new Map() };
    sockets.set(conn, known);
    return known;
  };
  const histories: Histories = { of, first: () => [...sockets.keys()][0] ?? '', answers: answersOf(lines), asked: null, isDown: false, unrecorded, statements: [], shiftMs: nowMs - startMs };
  const steps = lines.flatMap((line) => stepsOf(line, histories));
  // An incident may end later than the lines after it.
  return withOptional(seenTogether(steps.sort((a, b) => a.t - b.t)));
}

/**
 * SQL with no frame between, and closer together than the real server's looks, was committed before it looked: nothing
 * may come between. A transaction of several statements runs when it ends, for it has the only connection to itself.
 */
function seenTogether(steps: readonly Step[]): Step[] {
  const merged: Step[] = [];
  let open: Statement[] = [];
  for (const step of steps) {
    const last = merged.at(-1);
    if (step.kind === 'sql') {
      step.statements.unshift(...open);
      open = isOpen(step.statements) ? step.statements : [];
      if (open.length > 0) continue;
    }
    if (step.kind === 'sql' && last?.kind === 'sql' && step.t - last.t <= IDLE_POLL_MS) last.statements.push(...step.statements);
    else merged.push(step);
  }
  return merged;
}

/** Whether statements, each recorded by itself, are a transaction that has not ended. */
function isOpen(statements: readonly Statement[]): boolean {
  const marks = statements.map(({ sql }) => sql.trim()).filter((sql) => /^(?:begin|start transaction|commit|end|rollback|abort)\b[^;]*;?$/i.test(sql));
  return /^(?:begin|start)/i.test(marks.at(-1) ?? '');
}

interface SocketHistory {
  opened: boolean;
  /** Topic → ref of its last join. */
  refs: Map<string, string>;
  lastRef: number;
  lastSentMs: number;
  lastBytes: number;
  /** Topics with a verdict on their Postgres changes → number of statements before it. */
  verdicts: Map<string, number>;
}

interface Histories {
  of(conn: string): SocketHistory;
  /** Label of the first socket, which is the one that pings. */
  first(): string;
  /** Answers to requests, by request. */
  answers: ReadonlyMap<Line, Line>;
  /** What the last request was, whose answer comes next; `null` when it is not replayed. */
  asked: 'request' | 'tenant' | null;
  unrecorded: Recording['unrecorded'];
  /** From the time of the recording to ours. */
  shiftMs: number;
  /** Whether the recorded server is down. */
  isDown: boolean;
  /** SQL so far. */
  statements: string[];
}

function stepsOf(line: Line, histories: Histories): Step[] {
  const t = line.t_ms;
  if (line.dir === 'ctl') return controlSteps(line, histories);
  if (line.event === 'http') return httpSteps(line, histories);
  if (line.conn === undefined) return [];
  const { conn } = line;
  const history = histories.of(conn);
  if (line.dir === 'in') return receivedSteps(line, conn, history, histories);
  if (line.event === 'connect') {
    const target = (line.frame ?? '').replace(/^GET /, '').replace(/^wss?:\/\/[^/]*/, '');
    return [{ kind: 'connect', t, conn, path: target, headers: line.headers ?? {} }];
  }
  const data = line.binary === true ? Buffer.from(line.frame ?? '', 'base64') : inOurTime(restoredFrame(line.frame ?? '', history), histories.shiftMs);
  history.lastSentMs = t;
  history.lastBytes = data.length;
  return [{ kind: 'send', t, conn, data }];
}

function controlSteps(line: Line, histories: Histories): Step[] {
  const t = line.t_ms;
  if (line.event === 'sql') {
    histories.statements.push(line.sql ?? '');
    return [{ kind: 'sql', t, statements: [{ sql: line.sql ?? '', params: line.params }] }];
  }
  const unrecorded = histories.unrecorded[line.note ?? ''];
  if (unrecorded) {
    histories.statements.push(unrecorded.sql);
    return [{ kind: 'sql', t, statements: Array.from({ length: unrecorded.times }, (_, run) => ({ sql: unrecorded.sql, params: [run] })) }];
  }
  const incidents = incidentsOf(line);
  if (incidents.length > 0) histories.isDown = incidents.some(({ incident }) => incident === 'stop' || incident === 'kill');
  if (incidents.length > 0) return incidents.map((incident) => ({ kind: 'incident', ...incident }));
  if (line.event !== 'note' || line.note?.includes('ws ping') !== true) return [];
  const conn = histories.first();
  histories.of(conn).lastSentMs = t;
  return [{ kind: 'ping', t, conn }];
}

/**
 * A request of the admin API is replayed by its effect on the tenant's settings, for the dev server has no such API.
 * OPTIONS is not replayed: it was recorded without the gateway that answers it in front of every project, and the dev
 * server is that gateway too.
 */
function httpSteps(line: Line, histories: Histories): Step[] {
  const t = line.t_ms;
  if (line.dir === 'out') return requestSteps(line, histories);
  if (line.conn !== undefined || histories.asked === 'request') return [expectation(line.conn ?? HTTP, t, httpFrame(line.status ?? 0, line.frame ?? ''))];
  return histories.asked === 'tenant' ? [expectation(HTTP, t, answeredSettings(line.frame ?? ''))] : [];
}

function requestSteps(line: Line, histories: Histories): Step[] {
  const t = line.t_ms;
  histories.asked = null;
  if (line.method === 'OPTIONS') return [];
  if (line.path?.startsWith('/api/tenants') !== true) {
    histories.asked = 'request';
    return [{ kind: 'request', t, line }];
  }
  const changes = tenantChanges(line);
  const answer = histories.answers.get(line);
  if (changes === null || answer?.status !== 200) return [{ kind: 'lack', t, what: `${line.method ?? ''} ${line.path} is not replayed` }];
  histories.asked = 'tenant';
  return [{ kind: 'tenant', t, changes, answer: answeredSettings(answer.frame ?? '') }];
}

function answersOf(lines: readonly Line[]): Map<Line, Line> {
  const isOf = (dir: Line['dir']) => (line: Line) => line.event === 'http' && line.conn === undefined && line.dir === dir;
  const answered = lines.map((line, index): [Line, Line | undefined] => [line, lines.slice(index + 1).find(isOf('in'))]);
  return new Map(answered.flatMap(([line, answer]) => (isOf('out')(line) && answer ? [[line, answer] as const] : [])));
}

function receivedSteps(line: Line, conn: string, history: SocketHistory, { statements, isDown }: Histories): Step[] {
  const t = line.t_ms;
  if (line.event === 'close') return closeSteps(line, conn, { ...history, isDown });
  if (line.event === 'open') {
    history.opened = true;
    history.lastSentMs = t;
  }
  if (line.event !== undefined) return [expectation(conn, t, { lane: `(${line.event})`, event: line.event, content: line.event, raw: line.event, cut: false })];
  const frame = line.binary === true ? binaryFrame(Buffer.from(line.frame ?? '', 'base64')) : textFrame(line.frame ?? '');
  if (isVerdict(frame)) history.verdicts.set(frame.lane, statements.length);
  if (frame.event === 'postgres_changes') {
    const verdictAt = history.verdicts.get(frame.lane) ?? statements.length;
    frame.mayBeMissing = isCausedBy(frame, statements.slice(0, verdictAt)) && !isCausedBy(frame, statements.slice(verdictAt));
  }
  return [expectation(conn, t, frame)];
}

/** Whose close it was is not recorded; see the notes in `recordings/README.md`. */
function closeSteps({ t_ms: t, code = 0 }: Line, conn: string, history: SocketHistory & { isDown: boolean }): Step[] {
  const tooBig = history.lastBytes > MAX_FRAME_BYTES;
  const isClients = code >= 3000 || code === 1005 || (code === 1006 && !tooBig && !history.isDown) || (code === 1000 && t - history.lastSentMs < IDLE_MS);
  if (!history.opened || isClients) return [{ kind: 'end', t, conn, code }];
  // 1009, or 1006 when the connection is reset first (PROTOCOL.md).
  return [expectation(conn, t, closeFrame(tooBig ? 1009 : code))];
}

/** Whether one of the statements can have made a change, by its verb. */
function isCausedBy(change: Received, statements: readonly string[]): boolean {
  const verb = /"type":\s*"(INSERT|UPDATE|DELETE)"/.exec(change.raw)?.[1] ?? '';
  return statements.some((sql) => new RegExp(`\\b${verb}\\b`, 'i').test(sql));
}

function expectation(conn: string, t: number, frame: Received): Step {
  return { kind: 'expect', t, conn, frame: { ...frame, t }, optional: false };
}

/** Marks what need not come, which is known by what comes before and after it on its topic. */
function withOptional(steps: Step[]): Step[] {
  const lanes = new Map<string, Extract<Step, { kind: 'expect' }>[]>();
  for (const step of steps) {
    if (step.kind !== 'expect') continue;
    const lane = `${step.conn} ${step.frame.lane}`;
    lanes.set(lane, [...(lanes.get(lane) ?? []), step]);
  }
  for (const lane of lanes.values()) {
    const frames = lane.map(({ frame }) => frame);
    const isRace = hasPresenceRace(frames);
    lane.forEach((step, index) => {
      // In a race a state may tell what was a diff.
      step.optional = isOptional(step.frame, frames.slice(0, index), frames.slice(index + 1)) || (isRace && step.frame.event === 'presence_diff');
    });
  }
  return steps;
}

/** A replay asks for messages since a time, which the database compares with its own clock. */
function inOurTime(frame: string, shiftMs: number): string {
  return frame.replace(/("since":)(\d{13})\b/, (_, key: string, since: string) => `${key}${Math.round(Number(since) + shiftMs)}`);
}

function restoredFrame(frame: string, history: SocketHistory): string {
  const topic = /"realtime:[^"]*"/.exec(frame)?.[0] ?? '';
  const restored = restoreFrame(frame, { ref: String(history.lastRef + 1), joinRef: history.refs.get(topic) ?? '' });
  const ref = /"ref":"(\d+)"/.exec(restored)?.[1] ?? /^\[[^,]*,"(\d+)"/.exec(restored)?.[1];
  history.lastRef = Number(ref ?? history.lastRef);
  if (ref !== undefined && restored.includes('"phx_join"')) history.refs.set(topic, ref);
  return restored;
}
