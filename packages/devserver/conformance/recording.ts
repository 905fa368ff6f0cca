import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { readCompanion } from './companions.ts';

/** One line of a recording; the format is described in `recordings/README.md`. */
export interface Line {
  t_ms: number;
  dir: 'in' | 'out' | 'ctl';
  conn?: string;
  event?: string;
  frame?: string;
  binary?: boolean;
  note?: string;
  sql?: string;
  params?: unknown[];
  method?: string;
  path?: string;
  body?: unknown;
  headers?: Record<string, string>;
  status?: number;
  code?: number;
}

/** SQL that ran where the recording only has a note: a statement with the run's number, from 0, as `$1`. */
interface UnrecordedSql {
  sql: string;
  times: number;
}

/** A recording of the real server. */
export interface Recording {
  /** File name without `.jsonl`. */
  name: string;
  lines: Line[];
  /** By note; from `<name>.notes.json` beside the recording. */
  unrecorded: Record<string, UnrecordedSql>;
  /** Wall clock at `t_ms` 0, in milliseconds: what the tokens in it were valid for. */
  startMs: number;
  /** Everything that went out as one text: a value found in it was not made by the server. */
  sent: string;
  /** The SQL of it with its parameters. */
  sql: string;
}

/** Whether a recording stops in the middle of what a socket receives: the recorder wrote down how every other one ended. */
export function isUnfinished(lines: readonly Line[]): boolean {
  const last = lines.at(-1);
  return last?.dir === 'in' && last.conn !== undefined && last.event === undefined;
}

/** Reads a recording. */
export async function readRecording(file: string): Promise<Recording> {
  const text = await readFile(file, 'utf8');
  const lines = text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
  const name = basename(file, '.jsonl');
  const notes = await readCompanion(dirname(file), `${name}.notes.json`);
  return recordingOf(name, lines, JSON.parse(notes ?? '{}') as Recording['unrecorded']);
}

/** A recording of lines. */
export function recordingOf(name: string, lines: Line[], unrecorded: Recording['unrecorded'] = {}): Recording {
  const sent = lines.filter((line) => line.dir !== 'in').map((line) => [line.frame, line.sql, JSON.stringify(line.params), JSON.stringify(line.body)].join('\n')).join('\n');
  const sql = lines.map((line) => `${line.sql ?? ''} ${JSON.stringify(line.params ?? [])}`).join('\n');
  return { name, lines, unrecorded, startMs: startOf(lines), sent, sql };
}

/**
 * The clock is read from commit timestamps or Date headers; else from the time a replay reaches back to, or an expired
 * token; else from the tokens' usual hour.
 */
function startOf(lines: readonly Line[]): number {
  for (const line of lines) {
    const stamp = /\\?"commit_timestamp\\?":\s*\\?"([^"\\]+)/.exec(line.dir === 'in' ? (line.frame ?? '') : '')?.[1] ?? line.headers?.date;
    if (stamp !== undefined) return Date.parse(stamp) - line.t_ms;
  }
  return startByReplay(lines) ?? startByExpiry(lines) ?? startByTokens(lines);
}

function startByReplay(lines: readonly Line[]): number | undefined {
  const since = lines.flatMap((line) => /\\?"since\\?":(\d{13})/.exec(line.frame ?? '')?.[1] ?? []).map(Number);
  return since.length === 0 ? undefined : Math.min(...since);
}

function startByExpiry(lines: readonly Line[]): number | undefined {
  for (const [index, line] of lines.entries()) {
    const ago = /Token has expired (\d+) seconds ago/.exec(line.dir === 'in' ? (line.frame ?? '') : '')?.[1];
    if (ago === undefined) continue;
    const topic = /"realtime:[^"]*"/.exec(line.frame ?? '')?.[0] ?? '';
    const ofConn = lines.slice(0, index).filter((other) => other.dir === 'out' && other.conn === line.conn);
    const ofTopic = ofConn.filter((other) => other.frame?.includes(topic)).flatMap(expiriesOf);
    const exp = ofTopic.at(-1) ?? ofConn.flatMap(expiriesOf).at(-1);
    if (exp !== undefined) return (exp + Number(ago)) * 1000 - line.t_ms;
  }
  return undefined;
}

function startByTokens(lines: readonly Line[]): number {
  return (Math.max(0, ...lines.filter((line) => line.dir === 'out').flatMap(expiriesOf)) - 3600) * 1000;
}

function expiriesOf(line: Line): number[] {
  const text = `${line.frame ?? ''} ${JSON.stringify(line.headers ?? {})}`;
  return [...text.matchAll(/eyJ[\w-]+\.(eyJ[\w-]+)\./g)].flatMap(([, payload = '']) => {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp?: number };
    return exp === undefined ? [] : [exp];
  });
}
