import { expect, it } from 'vitest';
import { loggable } from './errors.ts';

it.each<[string, unknown, string]>([
  ['of Postgres its code', Object.assign(new Error('invalid input syntax for type integer: "secret"'), { code: '22P02', detail: 'Key (email)=(secret) already exists.' }), 'SQLSTATE 22P02'],
  ['of the JSON parser its name', thrownBy(() => JSON.parse('{"a": secret}')), 'SyntaxError'],
  ['of others their message', new TypeError('x is not a function'), 'x is not a function'],
])('X2: a log tells of an error %s', (_what, error, told) => {
  expect(loggable(error)).toBe(told);
});

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
