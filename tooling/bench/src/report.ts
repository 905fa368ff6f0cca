import { cpus, loadavg, totalmem } from 'node:os';
import { median, type Pair } from './measure.ts';

/** One line of the table: a goal, both sides of it, and whether it holds. */
export interface Line {
  /** Id in the performance goals, e.g. `G8`. */
  goal: string;
  what: string;
  unit: string;
  ours: number;
  floor: number;
  /** Median of the rounds' ratios, which is not the ratio of the medians. */
  ratio: number;
  /** What the ratio has to be; a line without one informs only. */
  limit: { atLeast: number } | { atMost: number } | null;
}

type Subject = Pick<Line, 'goal' | 'what' | 'unit'>;

/** A line about speed: the ratio is our share of the floor's rate, from costs per unit of work. */
export function rateLine(subject: Subject, pairs: readonly Pair[], atLeast: number | null): Line {
  return line(subject, pairs, ({ ours, floor }) => floor / ours, atLeast === null ? null : { atLeast });
}

/** A line about cost: the ratio says how many times the floor's cost ours is. */
export function costLine(subject: Subject, pairs: readonly Pair[], atMost: number | null): Line {
  return line(subject, pairs, ({ ours, floor }) => ours / floor, atMost === null ? null : { atMost });
}

/** A line about an absolute value, where the goal is one; the ratio is that value. */
export function limitLine(subject: Subject, pairs: readonly Pair[], limit: Line['limit']): Line {
  return line(subject, pairs, ({ ours }) => ours, limit);
}

export function holds({ ratio, limit }: Line): boolean {
  if (limit === null) return true;
  return 'atLeast' in limit ? ratio >= limit.atLeast : ratio <= limit.atMost;
}

/** The table as text. */
export function tableOf(lines: readonly Line[]): string {
  const head = ['goal', 'what', 'ours', 'floor', 'ratio', 'limit', 'holds'];
  const rows = lines.map((each) => [each.goal, each.what, `${digits(each.ours)} ${each.unit}`, `${digits(each.floor)} ${each.unit}`, each.ratio.toFixed(2), limitText(each), verdict(each)]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`).join('\n');
}

/** What the numbers were measured on; ratios should not depend on it. */
export function machine(): string {
  const cores = cpus();
  const load = loadavg().map((value) => value.toFixed(1)).join(' ');
  return `${cores.length} × ${cores[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, load ${load}`;
}

function line(subject: Subject, pairs: readonly Pair[], ratioOf: (pair: Pair) => number, limit: Line['limit']): Line {
  return { ...subject, ours: median(pairs.map(({ ours }) => ours)), floor: median(pairs.map(({ floor }) => floor)), ratio: median(pairs.map(ratioOf)), limit };
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function limitText({ limit }: Line): string {
  if (limit === null) return '';
  return 'atLeast' in limit ? `≥ ${limit.atLeast}` : `≤ ${limit.atMost}`;
}

function verdict(each: Line): string {
  if (each.limit === null) return '–';
  return holds(each) ? 'yes' : 'NO';
}
