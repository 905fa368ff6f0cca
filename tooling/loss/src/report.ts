import type { Fault } from './faults.ts';
import type { PlayedRun } from './playAll.ts';
import type { Outcome } from './playRun.ts';
import { wrongRows } from './rows.ts';
import type { Subject } from './subject.ts';

/** What is reported on. */
export interface Report {
  faults: readonly Fault[];
  subjects: readonly Subject[];
  runs: readonly PlayedRun[];
}

/** Further behind than this, a run says little: requests wait for the writer, who catches up. */
const LATE_MS = 500;

/** One line for a run that has ended. */
export function lineOf({ order, outcomes, writerLateMs }: PlayedRun): string {
  const late = writerLateMs > LATE_MS ? ` (the machine was busy: writes came up to ${seconds(writerLateMs)} late)` : '';
  return `${order.fault}, seed ${String(order.seed)}: ${outcomes.map((each) => `${each.subject} ${shortOf(each)}`).join(' · ')}${late}`;
}

/** How far the writer fell behind in the worst run, in milliseconds. */
export function worstDelay({ runs }: Report): number {
  return Math.max(0, ...runs.map(({ writerLateMs }) => writerLateMs));
}

/** The table as Markdown: a line a fault, a column a subject; what it cost below. */
export function tableOf(report: Report): string {
  const { faults, subjects } = report;
  const head = ['', ...subjects.map(({ title }) => title)];
  const lines = faults.map((fault) => [fault.title, ...subjects.map((subject) => cellOf(outcomesOf(report, subject, fault)))]);
  const costs = subjects.map((subject) => costOf(outcomesOf(report, subject)));
  const calm = faults.find(({ play, token, filter, limits }) => play === undefined && token === undefined && filter === undefined && limits === undefined);
  return toMarkdown([
    head,
    ...lines,
    ['requests a minute', ...costs.map(({ requests }) => requests.toFixed(1))],
    ['kB a minute by HTTP', ...costs.map(({ httpBytes }) => kilobytes(httpBytes))],
    ['kB a minute by the socket', ...costs.map(({ socketBytes }) => kilobytes(socketBytes))],
    ...sharesOf(report, 'all runs'),
    ...(calm === undefined ? [] : sharesOf(report, calm.title, calm)),
  ]);
}

/** How to read {@link tableOf}. */
export const LEGEND = `A cell: runs in which rows were wrong at the end, of all runs. In brackets what was wrong in those, on average: rows missing / ghosts (deleted, or outside the filter) / stale (with old values). Where every run ended right: the longest time from the last write until the rows were those of the table. Costs count from when the first rows are there.`;

/** Whether ours was right in every run. */
export function oursIsRight({ subjects, runs }: Report): boolean {
  const mine = new Set(subjects.filter(({ ours }) => ours).map(({ name }) => name));
  return runs.every(({ outcomes }) => outcomes.every((each) => !mine.has(each.subject) || wrongRows(each.difference) === 0));
}

function outcomesOf({ runs }: Report, subject: Subject, fault?: Fault): Outcome[] {
  return runs.filter(({ order }) => fault === undefined || order.fault === fault.name).flatMap(({ outcomes }) => outcomes.filter((each) => each.subject === subject.name));
}

function cellOf(outcomes: readonly Outcome[]): string {
  const wrong = outcomes.filter(({ difference }) => wrongRows(difference) > 0);
  const of = String(outcomes.length);
  if (wrong.length === 0) return `**0**/${of} in ${seconds(Math.max(...outcomes.map(({ convergedMs }) => convergedMs ?? 0)))}`;
  const mean = (kind: 'missing' | 'ghosts' | 'stale'): string => short(wrong.reduce((sum, { difference }) => sum + difference[kind], 0) / wrong.length);
  return `${String(wrong.length)}/${of} (${mean('missing')} / ${mean('ghosts')} / ${mean('stale')})`;
}

/** HTTP bytes beside those of a full fetch at regular times, if that was played. */
function sharesOf(report: Report, where: string, fault?: Fault): string[][] {
  const poll = report.subjects.find(({ name }) => name === 'poll');
  if (poll === undefined) return [];
  const bytesOf = (subject: Subject): number => costOf(outcomesOf(report, subject, fault)).httpBytes;
  return [[`HTTP bytes, of a ${poll.title}: ${where}`, ...report.subjects.map((subject) => `${((100 * bytesOf(subject)) / bytesOf(poll)).toFixed(0)} %`)]];
}

/** Per minute. */
function costOf(outcomes: readonly Outcome[]): Outcome['traffic'] {
  const minutes = outcomes.reduce((sum, { trafficMs }) => sum + trafficMs, 0) / 60_000;
  const mean = (kind: keyof Outcome['traffic']): number => outcomes.reduce((sum, { traffic }) => sum + traffic[kind], 0) / minutes;
  return { requests: mean('requests'), httpBytes: mean('httpBytes'), socketBytes: mean('socketBytes') };
}

function shortOf({ difference, convergedMs }: Outcome): string {
  const wrong = wrongRows(difference);
  return wrong === 0 ? `0 in ${seconds(convergedMs ?? 0)}` : `${String(wrong)} wrong`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(0);
}

function short(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(1).replace('.0', '');
}

function toMarkdown(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
