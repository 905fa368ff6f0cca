import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareDecimals, exactNumber } from './exactNumber.ts';

/** A decimal of few or many digits, as Postgres writes numeric: an integer over a power of ten. */
const decimal = fc.record({ digits: fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), scale: fc.integer({ min: 0, max: 20 }) }).map(({ digits, scale }) => ({ digits, scale, text: textOf(digits, scale) }));

function textOf(digits: bigint, scale: number): string {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  return `${digits < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${text.slice(-scale)}`}`;
}

test('R8: a text becomes a number unless it is past 2^53 and a double cannot hold it', () => {
  expect(['0', '-5', '9007199254740991', '0.1', '12.50', '9007199254740992', '-9223372036854775808', '1152921504606846976'].map(exactNumber)).toEqual([0, -5, Number.MAX_SAFE_INTEGER, 0.1, 12.5, 2 ** 53, -(2 ** 63), 2 ** 60]);
  expect(['9007199254740993', '-9007199254740993', '9223372036854775807', '12345678901234567890.5', '9007199254740992.5'].map(exactNumber)).toEqual([null, null, null, null, null]);
  fc.assert(fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (value) => {
    const number = exactNumber(String(value));
    if (number !== null) expect(BigInt(number)).toBe(value);
    else expect(BigInt(Number(value))).not.toBe(value);
  }), { numRuns: 2_000 });
});

test('R8: decimal texts are ordered by value, however many digits they have', () => {
  fc.assert(fc.property(decimal, decimal, (a, b) => {
    const [left, right] = [a.digits * 10n ** BigInt(b.scale), b.digits * 10n ** BigInt(a.scale)];
    expect(Math.sign(compareDecimals(a.text, b.text))).toBe(left === right ? 0 : left < right ? -1 : 1);
  }), { numRuns: 2_000 });
  const ordered = ['-Infinity', '-1.5', '-0.00', '0.001', '10', 'Infinity', 'NaN'];
  expect([...ordered].reverse().sort(compareDecimals)).toEqual(ordered);
});
