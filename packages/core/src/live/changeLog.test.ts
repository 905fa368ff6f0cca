import { createClient } from '@supabase/supabase-js';
import { expect, test } from 'vitest';
import ws from 'ws';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { silentLogger } from '../lib/logger.ts';
import { createChangeLog, type LogQuestion } from './changeLog.ts';

const question: LogQuestion = { schema: 'public', table: 'notes', filters: [], columns: '*', exact: [], since: null, known: [], pageSize: 500 };
const whole = { cursor: 'c', reset: false, more: false, needs_known: false, rows: [], gone: [] };

/** A log whose server gives these answers in turn, the last one for ever; null never answers. */
function setup(...answers: readonly ({ status: number; body: unknown } | null)[]) {
  const clock = createFakeClock();
  const asked: { url: string; body: unknown }[] = [];
  const warnings: string[] = [];
  const supabase = createClient('http://project.test', 'key', {
    realtime: { transport: ws as never }, // its types do not fit
    global: {
      fetch: (url, init) => {
        asked.push({ url: url as string, body: JSON.parse(init?.body as string) });
        const answer = answers[Math.min(asked.length, answers.length) - 1];
        if (answer) return Promise.resolve(Response.json(answer.body, { status: answer.status }));
        return new Promise((_, reject) => init?.signal?.addEventListener('abort', () => { reject(new DOMException('aborted', 'AbortError')); }));
      },
    },
  });
  const log = createChangeLog(() => supabase, { clock, logger: { ...silentLogger, warn: (message) => void warnings.push(message) } });
  return { log, clock, asked, warnings };
}
const refused = (status: number, code: string) => ({ status, body: { code, message: 'secret value', details: null, hint: null } });

test('a question goes to changes_since of the public schema, columns one by one', async () => {
  const { log, asked } = setup({ status: 200, body: { ...whole, rows: [{ id: 1, text_of_amount: '1.10' }], gone: [{ id: '2' }] } });
  const filters = [{ column: 'n', operator: 'gt' as const, value: 1 }];
  expect(await log.ask({ ...question, filters, columns: 'id,"a,b"', exact: ['amount'], since: 's', known: [['1']] })).toEqual({ cursor: 'c', reset: false, more: false, needsKnown: false, rows: [{ id: 1, amount: '1.10' }], gone: [{ id: '2' }] });
  expect(asked).toEqual([{
    url: 'http://project.test/rest/v1/rpc/changes_since',
    body: { schema_name: 'public', table_name: 'notes', since: 's', conditions: filters, columns: ['id', '"a,b"', 'text_of_amount:amount::text'], known: [['1']], page_size: 500 },
  }]);
});

test.each([['the function', refused(404, 'PGRST202')], ['the table in it', refused(404, '42P01')]])('that %s is missing is said once, and not asked again', async (_, answer) => {
  const { log, asked, warnings } = setup(answer);
  expect([await log.ask(question), await log.ask(question), await log.ask(question)]).toEqual([null, null, null]);
  expect(asked.length).toBe(1);
  expect(warnings).toEqual(['there is no change log of public.notes; its rows are compared with the table']);
  await log.ask({ ...question, table: 'other' });
  expect(asked.length).toBe(2);
});

test('X2: an answer that cannot be had is none, and its message, which may quote values, is not logged', async () => {
  const { log, asked, warnings } = setup(refused(500, '57014'), refused(403, '42501'), { status: 200, body: whole });
  expect([await log.ask(question), await log.ask(question)]).toEqual([null, null]);
  expect(await log.ask(question)).toMatchObject({ cursor: 'c' });
  expect([asked.length, warnings.join()]).toEqual([3, expect.not.stringContaining('secret')]);
});

test.each([503, 429])('status %i may pass: the question can be asked again', async (status) => {
  const { log } = setup(refused(status, 'x'));
  await expect(log.ask(question)).rejects.toMatchObject({ code: 'live/snapshot-failed' });
});

test.each([null, [], 'text', {}, { ...whole, cursor: 7 }, { ...whole, rows: {} }, { ...whole, gone: [7] }, { ...whole, rows: [[1]] }])('an answer like %j is none', async (body) => {
  const { log } = setup({ status: 200, body });
  expect(await log.ask(question)).toBeNull();
});

test('C1: a question is given up when it takes too long, and when the client ends; neither leaves a timer', async () => {
  const { log, clock } = setup(null);
  const late = expect(log.ask(question)).rejects.toMatchObject({ code: 'live/snapshot-failed' });
  await settle();
  await clock.advance(30_000);
  await late;
  const ended = expect(log.ask(question)).rejects.toMatchObject({ code: 'live/snapshot-failed' });
  await settle();
  log.end();
  await ended;
  expect(clock.pending).toBe(0);
});
