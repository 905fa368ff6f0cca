import fc from 'fast-check';
import * as z from 'zod/mini';
import { expect, test } from 'vitest';
import type { StandardSchema } from '../lib/standardSchema.ts';
import { redact } from './redact.ts';
import { validate } from './validate.ts';

const custom = (check: (value: unknown) => ReturnType<StandardSchema['~standard']['validate']>): StandardSchema => ({ '~standard': { version: 1, vendor: 'test', validate: check } });

test('any Standard Schema is accepted', () => {
  expect(validate(z.object({ a: z.number() }), { a: 1, b: 2 })).toEqual({ ok: true, value: { a: 1 } });
  expect(validate(custom((value) => ({ value: String(value) })), 7)).toEqual({ ok: true, value: '7' });
  expect(validate(custom(() => ({ issues: [{ message: 'never' }] })), 7)).toEqual({ ok: false, issues: [{ message: 'never' }] });
});

test('V1: schemas that throw or answer later are refused, not thrown', () => {
  const throwing = custom(() => {
    throw new Error('boom');
  });
  expect(validate(throwing, 1)).toMatchObject({ ok: false });
  expect(validate(custom(() => Promise.reject(new Error('late'))), 1)).toMatchObject({ ok: false, issues: [{ message: 'asynchronous schemas are not supported' }] });
});

test('X2: a redacted sample holds no text or number of the value', () => {
  expect(redact({ id: 'secret', n: 7, list: [true, null, { deep: 'x' }] })).toEqual({ id: 'string', n: 'number', list: ['boolean', 'null', { deep: 'string' }] });
  fc.assert(fc.property(fc.string({ minLength: 20 }), (secret) => {
    expect(JSON.stringify(redact({ a: secret, b: [secret], c: { d: { e: { f: secret } } } }))).not.toContain(JSON.stringify(secret).slice(1, -1));
  }));
});
