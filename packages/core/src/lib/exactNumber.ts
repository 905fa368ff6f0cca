import { compareUnits } from './compareUnits.ts';

/**
 * The number that a decimal text stands for: the nearest double, as `JSON.parse` gives it, or null when it lies past 2^53
 * and a double cannot hold it. NaN for a text that is no number.
 */
export function exactNumber(text: string): number | null {
  const value = Number(text);
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER || !Number.isFinite(value)) return value;
  return /^-?\d+$/.test(text) && BigInt(text) === BigInt(value) ? value : null;
}

/** Orders decimal texts as Postgres orders numeric: by value however many digits, NaN above everything. */
export function compareDecimals(a: string, b: string): number {
  const left = parts(a);
  const right = parts(b);
  if (left === null || right === null) return rank(a) - rank(b);
  if (left.negative !== right.negative) return left.negative ? -1 : 1;
  const order = left.whole.length - right.whole.length || compareUnits(left.whole, right.whole) || compareUnits(left.fraction, right.fraction);
  return left.negative ? -order : order;
}

interface Parts {
  readonly negative: boolean;
  /** Without leading zeros. */
  readonly whole: string;
  /** Without trailing zeros. */
  readonly fraction: string;
}

function parts(text: string): Parts | null {
  const [, sign, whole = '', digits = ''] = /^([+-]?)0*(\d*)\.?(\d*)$/.exec(text) ?? [];
  if (sign === undefined) return null;
  const fraction = digits.replace(/0+$/, '');
  return { negative: sign === '-' && whole + fraction !== '', whole, fraction };
}

/** The places of what is not finite, and of everything that is. */
function rank(text: string): number {
  return { '-Infinity': -1, Infinity: 1, NaN: 2 }[text] ?? 0;
}
