import { exactNumber } from '../lib/exactNumber.ts';
import { asRecord } from '../lib/asRecord.ts';

type Row = Readonly<Record<string, unknown>>;

/** A row as its columns describe it, its numbers as the definition asks for them. */
export interface ReadRow {
  /** The row it was given when nothing had to be changed. */
  readonly row: Row;
  /** Columns the row does not have. */
  readonly absent: readonly string[];
  /** Columns whose value is not known exactly; what the row has there is wrong. */
  readonly inexact: readonly string[];
}

const NONE: readonly string[] = [];
const INEXACT = Symbol('inexact');

/**
 * Reads a row by the server's description of its columns: those named in `exact` become decimal text, all other numbers stay
 * numbers. Text comes from `decodeFrame`; from a bare number the digits are known only of integers up to 2^53, and other
 * values are named as inexact. Without a description every column counts as one that may be.
 */
export function readRow(row: Row, columns: unknown, exact: readonly string[] = NONE): ReadRow {
  let changed: Record<string, unknown> | undefined;
  let absent: string[] | undefined;
  let inexact: string[] | undefined;
  for (const column of (Array.isArray(columns) && columns.length > 0 ? columns : namesOf(row)) as readonly unknown[]) {
    const { name, type } = asRecord(column);
    if (typeof name !== 'string') continue;
    const value = row[name];
    // What is not in the row may still be on its prototype.
    if (value === undefined || typeof value === 'function') (absent ??= []).push(name);
    else if (typeof value === 'string' ? isDecimal(type) : typeof value === 'number' || Array.isArray(value)) {
      const read = readValue(value, type, exact.includes(name));
      if (read === INEXACT) (inexact ??= []).push(name);
      else if (read !== value) (changed ??= { ...row })[name] = read;
    }
  }
  return { row: changed ?? row, absent: absent ?? NONE, inexact: inexact ?? NONE };
}

/** {@link readRow} for what the server sent of a row as it was: a part of its columns, and without those that are inexact. */
export function readPart(part: Row, columns: unknown, exact: readonly string[] | undefined): { readonly row: Row; readonly inexact: readonly string[] } {
  const names = Object.keys(part);
  if (!names.some((name) => mayBeNumber(part[name]))) return { row: part, inexact: NONE };
  const present = Array.isArray(columns) ? columns.filter((column: unknown) => names.includes(asRecord(column)['name'] as string)) : namesOf(part); // no other value is found
  const { row, inexact } = readRow(part, present, exact);
  if (inexact.length === 0) return { row, inexact };
  return { row: Object.fromEntries(Object.entries(row).filter(([name]) => !inexact.includes(name))), inexact };
}

function mayBeNumber(value: unknown): boolean {
  return typeof value === 'number' || Array.isArray(value) || (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value));
}

function namesOf(row: Row): { name: string }[] {
  return Object.keys(row).map((name) => ({ name }));
}

function readValue(value: unknown, type: unknown, asText: boolean): unknown {
  if (typeof value === 'number') {
    if (!asText) return Math.abs(value) <= Number.MAX_SAFE_INTEGER || isDoubleOrJson(type) ? value : INEXACT;
    return isInteger(type) && Number.isSafeInteger(value) ? String(value) : INEXACT;
  }
  if (typeof value === 'string' && !asText && isDecimal(type)) {
    const number = exactNumber(value);
    if (number === null) return INEXACT;
    return Number.isFinite(number) ? number : value; // NaN and infinity have no number in JSON
  }
  return Array.isArray(value) && !isDoubleOrJson(type) ? readList(value, type, asText) : value;
}

function readList(values: readonly unknown[], type: unknown, asText: boolean): unknown {
  const read = values.map((value) => readValue(value, type, asText));
  if (read.includes(INEXACT)) return INEXACT;
  return read.some((value, at) => value !== values[at]) ? read : values;
}

/** Types whose values may have more digits than a double. */
function isDecimal(type: unknown): boolean {
  return type === 'int8' || type === 'numeric' || type === '_int8' || type === '_numeric';
}

/** Types whose values a double holds, or that are the app's own JSON. */
function isDoubleOrJson(type: unknown): boolean {
  return typeof type === 'string' && /^_?(?:float[48]|jsonb?)$/.test(type);
}

/** Types of which a number has one way to be written. */
function isInteger(type: unknown): boolean {
  return typeof type === 'string' && /^_?int[248]$/.test(type);
}
