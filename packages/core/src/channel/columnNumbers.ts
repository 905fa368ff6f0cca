import { exactNumber } from '../lib/exactNumber.ts';

/** A column as the server describes it beside a row. */
export interface Column {
  readonly name: string;
  /** Name of the Postgres type, if the server says. */
  readonly type?: unknown;
}

/** A row whose numbers are what the definition asks for, but for those of some columns. */
export interface ReadNumbers {
  /** The row it was given when nothing had to be changed. */
  readonly row: Readonly<Record<string, unknown>>;
  /** Columns whose value is not known exactly; what the row has there is wrong. */
  readonly inexact: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

/** A double holds these types' values, or they are the app's own JSON. */
const DOUBLES_AND_JSON: ReadonlySet<unknown> = new Set(['float4', 'float8', '_float4', '_float8', 'json', 'jsonb', '_json', '_jsonb']);
const DECIMALS: ReadonlySet<unknown> = new Set(['int8', 'numeric', '_int8', '_numeric']);
/** A number of these types has one way to be written. */
const INTEGERS: ReadonlySet<unknown> = new Set(['int2', 'int4', 'int8', '_int2', '_int4', '_int8']);
const NONE: readonly string[] = [];
const INEXACT = Symbol('inexact');

/**
 * Reads the numbers of a row: columns named in `exact` become decimal text, all others numbers. Text comes from
 * `decodeFrame`; from a bare number the digits are known only of integers up to 2^53, and other values are named as inexact.
 */
export function readNumbers(row: Row, columns: readonly Column[], exact: readonly string[] = NONE): ReadNumbers {
  let changed: Record<string, unknown> | undefined;
  let inexact: string[] | undefined;
  for (const { name, type } of columns) {
    const value = row[name];
    if (typeof value === 'string' ? !DECIMALS.has(type) : typeof value !== 'number' && !Array.isArray(value)) continue;
    if (DOUBLES_AND_JSON.has(type)) continue;
    const read = readValue(value, type, exact.includes(name));
    if (read === value) continue;
    if (read === INEXACT) (inexact ??= []).push(name);
    else (changed ??= { ...row })[name] = read;
  }
  return { row: changed ?? row, inexact: inexact ?? NONE };
}

function readValue(value: unknown, type: unknown, asText: boolean): unknown {
  if (typeof value === 'number') {
    if (!asText) return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : INEXACT;
    return INTEGERS.has(type) && Number.isSafeInteger(value) ? String(value) : INEXACT;
  }
  if (typeof value === 'string' && !asText && DECIMALS.has(type)) {
    const number = exactNumber(value);
    if (number === null) return INEXACT;
    return Number.isFinite(number) ? number : value; // NaN and infinity have no number in JSON
  }
  return Array.isArray(value) ? readList(value, type, asText) : value;
}

function readList(values: readonly unknown[], type: unknown, asText: boolean): unknown {
  const read = values.map((value) => readValue(value, type, asText));
  if (read.includes(INEXACT)) return INEXACT;
  return read.some((value, at) => value !== values[at]) ? read : values;
}
