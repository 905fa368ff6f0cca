import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLASS_OF_CODE, CLASS_OF_STATUS, errorClass, errorFacts } from './errorClass.ts';

test('Q3: docs/outbox.md has every code and status in the row of its class, and no others', () => {
  const text = readFileSync(new URL('../../../../docs/outbox.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| ([^|]*`[^|]*) \| `(\w+)` \|/gm)].flatMap(([, codes = '', kind]) => [...codes.matchAll(/`(\w+)`/g)].map(([, code = '']) => [code, kind]));
  const told = rows.filter(([code]) => code !== '5xx' && code !== '4xx');
  expect(Object.fromEntries(told)).toEqual({ ...CLASS_OF_CODE, ...CLASS_OF_STATUS });
});

test('Q3: a code decides before the status, an exact code before its class, and a status where no code is known', () => {
  const classes = [
    [409, '23505', 'duplicate'], [409, '23503', 'refused'], [403, '42501', 'refused'], [401, '42501', 'refused'], [400, '22P02', 'refused'],
    [500, '40001', 'busy'], [500, '57014', 'busy'], [503, '53300', 'busy'], [503, 'PGRST000', 'busy'], [401, 'PGRST301', 'token'], [500, '42P17', 'refused'], [500, 'P0002', 'refused'], [405, '25006', 'busy'],
    [406, 'PGRST116', 'refused'], [404, '', 'refused'], [500, null, 'busy'], [502, null, 'busy'], [0, '', 'network'], [0, 'ECONNRESET', 'network'], [429, null, 'patience'], [429, 'over_request_rate_limit', 'patience'], [null, null, 'refused'],
  ] as const;
  for (const [status, code, expected] of classes) expect([status, code, errorClass({ status, code })]).toEqual([status, code, expected]);
});

test('Q3: nothing that an app can throw breaks the judgement, and texts do not change it', () => {
  fc.assert(fc.property(fc.anything(), fc.anything(), (error, status) => {
    const facts = errorFacts(error, status);
    expect(errorClass({ ...facts })).toBe(errorClass({ status: facts.status, code: facts.code }));
  }), { numRuns: 500 });
  expect(errorFacts({ name: 'FunctionsHttpError', message: 'non-2xx', context: new Response(null, { status: 503 }) }, undefined)).toMatchObject({ status: 503 });
  expect(errorFacts({ name: 'StorageApiError', statusCode: '413', message: 'too large' }, undefined)).toMatchObject({ status: 413, code: null });
  expect(errorFacts({}, 413).message).toBe('the answer was 413, without a reason');
});
