import type { Fault } from './faults.ts';
import { LATE_MS, type PlayedRun } from './playAll.ts';
import type { Outcome } from './playRun.ts';
import { wrongRows } from './rows.ts';
import type { Subject } from './subject.ts';

/** What is reported on. */
export interface Report {
  faults: readonly Fault[];
  subjects: readonly Subject[];
  runs: readonly PlayedRun[];
}

/** What being right may cost in HTTP bytes, of what a full fetch every five seconds costs. */
const MOST_SHARE = 0.1;

/** One line for a run that has ended. */
export function lineOf({ order, outcomes, writerLateMs, again }: PlayedRun): string {
  const late = writerLateMs > LATE_MS ? ` (the machine was busy: writes came up to ${seconds(writerLateMs)} late${again ? '; played again' : ''})` : '';
  return `${order.fault}, seed ${String(order.seed)}: ${outcomes.map((each) => `${each.subject} ${shortOf(each)}`).join(' · ')}${late}`;
}

/** How far the writer fell behind in the worst run that counts, in words; and that this is too much, when it is. */
export function delayOf({ runs }: Report): string {
  const counted = runs.filter(({ again }) => !again);
  const worst = Math.max(0, ...counted.map(({ writerLateMs }) => writerLateMs));
  const late = counted.filter(({ writerLateMs }) => writerLateMs > LATE_MS).length;
  return `writes came at most ${(worst / 1_000).toFixed(2)} s late${late === 0 ? '' : `, in ${String(late)} of ${String(counted.length)} runs later than ${seconds(LATE_MS)}: the machine was busy, and counts and times of this table say little`}`;
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

/** Whether ours was right in every run, also in those that were played again. */
export function oursIsRight({ subjects, runs }: Report): boolean {
  const mine = new Set(subjects.filter(({ ours }) => ours).map(({ name }) => name));
  return runs.every(({ outcomes }) => outcomes.every((each) => !mine.has(each.subject) || wrongRows(each.difference) === 0));
}

/** What the dearest of ours cost in HTTP bytes, of a full fetch at regular times; null when that was not played. */
export function shareOfOurs(report: Report): number | null {
  const shares = report.subjects.filter(({ ours }) => ours).map((subject) => shareOf(report, subject));
  return shares.length === 0 || shares.includes(null) ? null : Math.max(...shares.map(Number));
}

/** Whether ours is cheap enough. */
export function oursIsCheap(report: Report): boolean {
  return (shareOfOurs(report) ?? 0) <= MOST_SHARE;
}

function outcomesOf({ runs }: Report, subject: Subject, fault?: Fault): Outcome[] {
  return runs.filter(({ order, again }) => !again && (fault === undefined || order.fault === fault.name)).flatMap(({ outcomes }) => outcomes.filter((each) => each.subject === subject.name));
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
  const poll = pollOf(report);
  if (poll === undefined) return [];
  return [[`HTTP bytes, of a ${poll.title}: ${where}`, ...report.subjects.map((subject) => percent(shareOf(report, subject, fault) ?? 0))]];
}

function pollOf({ subjects }: Report): Subject | undefined {
  return subjects.find(({ name }) => name === 'poll');
}

function shareOf(report: Report, subject: Subject, fault?: Fault): number | null {
  const poll = pollOf(report);
  return poll === undefined ? null : costOf(outcomesOf(report, subject, fault)).httpBytes / costOf(outcomesOf(report, poll, fault)).httpBytes;
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

/** A share in percent, to one decimal below ten. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.0995 && share > 0 ? 1 : 0)} %`;
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
