import type { Who } from './who.ts';

/** How one parameter of a fault is read and explained. */
export interface Parameter<T> {
  /** What it is, for people. */
  readonly about: string;
  /** What it takes, as the end of "takes …". */
  readonly takes: string;
  /** What it is when left out; `undefined` for nothing. */
  readonly fallback: T;
  readonly required: boolean;
  /** The value, or `undefined` when it is none. */
  read(value: unknown): T | undefined;
}

export type ParameterSpecs = Readonly<Record<string, Parameter<unknown>>>;

/** The parameters after reading. */
export type ValuesOf<Specs extends ParameterSpecs> = { [Name in keyof Specs]: Specs[Name] extends Parameter<infer T> ? T : never };

interface Kind<T> {
  takes: string;
  read(value: unknown): T | undefined;
}

function number(takes: string, holds: (value: number) => boolean): Kind<number> {
  return { takes, read: (value) => (typeof value === 'number' && holds(value) ? value : undefined) };
}

const MS = number('a number of milliseconds, 0 or more', (value) => Number.isFinite(value) && value >= 0);
const COUNT = number('a whole number, 1 or more', (value) => Number.isInteger(value) && value >= 1);
const PROBABILITY = number('a number over 0 and up to 1', (value) => value > 0 && value <= 1);
const LIMIT = number('a number, 0 or more, or Infinity', (value) => value >= 0);
const STATUS = number('an HTTP status from 400 to 599', (value) => Number.isInteger(value) && value >= 400 && value <= 599);
const CLOSE_CODE = number('a close code that may be sent: 1000 to 1014 but for 1004 to 1006, or 3000 to 4999 (dropSockets gives 1006)', isCloseCode);
const CLOSE_REASON: Kind<string> = { takes: 'a text of up to 123 bytes, for it goes into a close frame', read: (value) => (typeof value === 'string' && Buffer.byteLength(value) <= 123 ? value : undefined) };
const TEXT: Kind<string> = { takes: 'a text', read: (value) => (typeof value === 'string' ? value : undefined) };
const FLAG: Kind<boolean> = { takes: 'true or false', read: (value) => (typeof value === 'boolean' ? value : undefined) };
const ANY: Kind<unknown> = { takes: 'anything', read: (value) => value };
const WHO: Kind<Who> = { takes: '{ userId?, role?, topic? }, each a text', read: readWho };

/** A parameter that must be given. */
function required<T>(kind: Kind<T>, about: string): Parameter<T> {
  // True because a required parameter is never read from its fallback.
  return { ...kind, about, required: true, fallback: undefined as T };
}

/** One with a value of its own. */
function withDefault<T>(kind: Kind<T>, about: string, fallback: T): Parameter<T> {
  return { ...kind, about: `${about} (default ${JSON.stringify(fallback)})`, required: false, fallback };
}

/** One that need not be there. */
function optional<T>(kind: Kind<T>, about: string): Parameter<T | undefined> {
  return { ...kind, about, required: false, fallback: undefined };
}

/** The kinds of parameters, each as required, with a default, or optional. */
export const parameter = {
  ms: (about: string) => required(MS, about),
  msOr: (fallback: number, about: string) => withDefault(MS, about, fallback),
  countOr: (fallback: number, about: string) => withDefault(COUNT, about, fallback),
  count: optional(COUNT, 'ends by itself after it struck this often'),
  probability: withDefault(PROBABILITY, 'how likely it strikes each time', 1),
  forMs: optional(MS, 'ends by itself after this time'),
  who: withDefault(WHO, 'whom it is for', {}),
  text: (about: string) => optional(TEXT, about),
  textOr: (fallback: string, about: string) => withDefault(TEXT, about, fallback),
  flagOr: (fallback: boolean, about: string) => withDefault(FLAG, about, fallback),
  statusOr: (fallback: number, about: string) => withDefault(STATUS, about, fallback),
  closeReason: withDefault(CLOSE_REASON, 'close reason', ''),
  closeCodeOr: (fallback: number, about: string) => withDefault(CLOSE_CODE, about, fallback),
  oneOf: <T extends string>(values: readonly [T, ...T[]], about: string) =>
    withDefault<T>({ takes: values.map((value) => JSON.stringify(value)).join(' or '), read: (value) => values.find((known) => known === value) }, about, values[0]),
  anything: (about: string) => optional(ANY, about),
  limit: (about: string) => optional(LIMIT, about),
  flag: (about: string) => optional(FLAG, about),
} as const;

/**
 * Reads what a caller gave, all of it or nothing.
 * @throws TypeError that names the parameter and what it takes
 */
export function readParameters<Specs extends ParameterSpecs>(fault: string, specs: Specs, given: unknown): ValuesOf<Specs> {
  const options = given ?? {};
  if (typeof options !== 'object' || Array.isArray(options)) throw new TypeError(`faults.${fault}: takes an object of ${listOf(specs)}`);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(specs, name));
  if (unknown !== undefined) throw new TypeError(`faults.${fault}: there is no "${unknown}"; it takes ${listOf(specs)}`);
  const values = Object.entries(specs).map(([name, spec]) => {
    const value = (options as Record<string, unknown>)[name]; // true: an object, as just checked
    if (value === undefined && !spec.required) return [name, spec.fallback];
    const read = spec.read(value);
    if (read === undefined) throw new TypeError(`faults.${fault}: "${name}" takes ${spec.takes}, not ${shown(value)}`);
    return [name, read];
  });
  return Object.fromEntries(values) as ValuesOf<Specs>; // true: one value per spec, read by it
}

function listOf(specs: ParameterSpecs): string {
  const names = Object.keys(specs);
  return names.length === 0 ? 'no parameters' : names.join(', ');
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : typeof value === 'number' ? String(value) : JSON.stringify(value);
}

const WHO_FIELDS = new Set(['userId', 'role', 'topic']);

function readWho(value: unknown): Who | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const isWho = Object.entries(value).every(([name, text]) => WHO_FIELDS.has(name) && (text === undefined || typeof text === 'string'));
  return isWho ? value : undefined;
}

function isCloseCode(code: number): boolean {
  return Number.isInteger(code) && ((code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999));
}
