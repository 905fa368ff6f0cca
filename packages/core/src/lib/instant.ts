import { compareUnits } from './compareUnits.ts';

/** A date or time as ISO 8601 has it, or Postgres prints it. */
const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/** A moment to the microsecond, all that Postgres keeps. */
interface Instant {
  readonly ms: number;
  readonly micros: number;
}

/**
 * Orders two texts as moments if both are times, else gives null. The first says of what type the column is: beside a date
 * only the day counts, and beside a time without a zone no zone does. What has none is in UTC.
 */
export function compareInstants(a: string, b: string): number | null {
  const left = TIME.exec(a);
  const right = left && TIME.exec(b);
  if (left === null || right === null) return null;
  const [, day = '', time, , , zone] = left;
  if (time === undefined) return compareUnits(day, right[1] ?? '');
  const [one, other] = [instantOf(left, zone !== undefined), instantOf(right, zone !== undefined)];
  return one.ms - other.ms || one.micros - other.micros;
}

function instantOf([, day = '', time = '00:00', seconds = ':00', fraction = '', zone = 'Z']: RegExpExecArray, hasZone: boolean): Instant {
  const micros = Math.round(Number(`0${fraction}`) * 1e6);
  return { ms: Date.parse(`${day}T${time}${seconds}${hasZone ? isoZone(zone) : 'Z'}`), micros };
}

/** A zone with its minutes, which Postgres leaves out when there are none. */
function isoZone(zone: string): string {
  return zone.length === 3 ? `${zone}:00` : zone.toUpperCase();
}
