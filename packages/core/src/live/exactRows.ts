import { exactNumber } from '../lib/exactNumber.ts';

type Row = Readonly<Record<string, unknown>>;

const inexactColumns = new WeakMap<Row, readonly string[]>();

/** Columns of a row, as {@link readExact} gave it, whose number lost digits on its way. */
export function inexactOf(row: Row): readonly string[] {
  return inexactColumns.get(row) ?? [];
}

/**
 * Reads rows without losing digits: REST gives int8 and numeric as bare JSON numbers, so the columns named in `exact` are
 * read as text too. When a number of another column may have lost digits, it reads once more, that column as text as well:
 * the number is passed on if a double holds it, and named by {@link inexactOf} if not.
 *
 * @param wanted - the columns to read, in PostgREST's notation.
 * @param read - reads the rows with these columns, in PostgREST's notation.
 */
export async function readExact(exact: readonly string[], wanted: string, read: (columns: string) => Promise<readonly Row[]>): Promise<readonly Row[]> {
  let asText = exact;
  for (;;) {
    const rows = await read([wanted, ...asText.map((column) => `${quoted(textName(column))}:${quoted(column)}::text`)].join(','));
    const doubtful = doubtfulColumns(rows, asText);
    if (doubtful.length === 0) return asText.length === 0 ? rows : rows.map((row) => takeTexts(row, asText, exact));
    asText = [...asText, ...doubtful];
  }
}

/** Of the columns to read, those whose numbers are given as texts. */
export function exactAmong(wanted: string, exact: readonly string[] = []): readonly string[] {
  const columns = wanted.split(',');
  return columns[0] === '*' ? exact : exact.filter((column) => columns.includes(column));
}

/** What a column is called when it is read as text beside itself. */
const textName = (column: string): string => `text_of_${column}`;

/** Columns in which a number may have lost digits, and that are not read as text. */
function doubtfulColumns(rows: readonly Row[], asText: readonly string[]): string[] {
  const found = new Set<string>();
  for (const row of rows) {
    for (const name in row) if (isDoubtful(row[name]) && !asText.includes(name)) found.add(name);
  }
  return [...found];
}

/** Puts the text of columns in its place: as it is for those named in `exact`; the others stay numbers if a double holds it. */
function takeTexts(read: Row, asText: readonly string[], exact: readonly string[]): Row {
  const texts = new Set(asText.map(textName));
  const row: Record<string, unknown> = Object.fromEntries(Object.entries(read).filter(([name]) => !texts.has(name)));
  const inexact: string[] = [];
  for (const column of asText) {
    const text = read[textName(column)];
    if (exact.includes(column)) row[column] = typeof text === 'string' && text.startsWith('{') ? listOf(text) : text;
    else if (!sameNumber(row[column], text)) inexact.push(column);
  }
  if (inexact.length > 0) inexactColumns.set(row, inexact);
  return row;
}

/** Whether a value has a number that may have lost digits. */
export function isDoubtful(value: unknown): boolean {
  return typeof value === 'number' ? Math.abs(value) > Number.MAX_SAFE_INTEGER : Array.isArray(value) && value.some(isDoubtful);
}

/** Whether a number, or every number of a list, is what the text says. */
function sameNumber(value: unknown, text: unknown): boolean {
  if (typeof text !== 'string' || typeof value !== 'number') return !isDoubtful(value);
  // float8 is written with an exponent, and is a double in the first place.
  return /e/i.test(text) ? Number(text) === value : exactNumber(text) === value;
}

/** A list as Postgres writes it, `{1,{2,NULL}}`, of texts. */
function listOf(text: string): unknown {
  return JSON.parse(text.replaceAll('{', '[').replaceAll('}', ']').replace(/[^[\],]+/g, (item) => (item === 'NULL' ? 'null' : `"${item}"`)));
}

function quoted(name: string): string {
  return /^\w+$/.test(name) ? name : `"${name.replaceAll('"', '\\"')}"`;
}
