import { createClient as newest, type SupabaseClient } from '@supabase/supabase-js';
import { createClient as oldest } from 'supabase-js-oldest';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { boundClient, retryAfterMs, type RequestTrace } from './boundClient.ts';

// Of all that makes a client only the type differs, by what was added since.
const VERSIONS = [['the oldest supported', oldest as unknown as typeof newest], ['the newest', newest]] as const;
/** One request to each part of a project. */
const REQUESTS = [
  ['a table', (supabase) => supabase.from('notes').insert({ id: 'a' })],
  ['a function of the database', (supabase) => supabase.schema('public').rpc('touch')],
  ['an Edge Function', (supabase) => supabase.functions.invoke('send', { body: { id: 'a' } })],
  ['a file of Storage', (supabase) => supabase.storage.from('files').upload('a.txt', 'x')],
  ['a bucket of Storage', (supabase) => supabase.storage.getBucket('files')],
] as const satisfies readonly (readonly [string, (supabase: SupabaseClient) => PromiseLike<{ error: unknown }>])[];
const CASES = VERSIONS.flatMap(([version, createClient]) => REQUESTS.map(([what, request]) => [`${what} by ${version} supabase-js`, createClient, request] as const));

/** A client bound to an attempt of Sara's, while the app's own acts for Omar. `sent` are the requests, `answer` what they get. */
function setup(createClient: typeof newest) {
  const sent: { readonly token: string | null; readonly signal: AbortSignal | null | undefined }[] = [];
  const net = { answer: (): Promise<Response> => Promise.resolve(Response.json({})) };
  const supabase = createClient('http://fake.test', 'key', {
    accessToken: () => Promise.resolve('omar'),
    realtime: { transport: WebSocket as never }, // its constructor takes more than supabase-js asks of one
    global: {
      fetch(_input, init) {
        sent.push({ token: new Headers(init?.headers).get('Authorization'), signal: init?.signal });
        return net.answer();
      },
    },
  });
  const trace: RequestTrace = { unanswered: false, answered: false, status: null, retryAfterMs: null };
  const ending = new AbortController();
  return { sent, net, supabase, trace, ending, bound: boundClient(supabase, { token: 'sara', signal: ending.signal, trace, now: () => 0 }) };
}

test.for(CASES)('Q6: a request to %s carries the token that was checked, and ends with the attempt', async ([, createClient, request]) => {
  const { sent, supabase, bound, ending } = setup(createClient);
  await request(bound);
  ending.abort();
  await request(supabase);
  expect(sent.map(({ token, signal }) => [token, signal?.aborted === true])).toEqual([['Bearer sara', true], ['Bearer omar', false]]);
});

test.for(CASES)('Q3: a request to %s leaves a trace of what it met', async ([, createClient, request]) => {
  const { net, bound, trace } = setup(createClient);
  net.answer = () => Promise.resolve(Response.json({ message: 'no' }, { status: 503, headers: { 'Retry-After': '7' } }));
  await request(bound);
  expect(trace).toEqual({ unanswered: false, answered: true, status: 503, retryAfterMs: 7_000 });
  net.answer = () => Promise.reject(new TypeError('fetch failed'));
  await request(bound);
  expect(trace.unanswered).toBe(true);
});

test('reads Retry-After as seconds and as a date, and nothing else', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(['120', '0', 'Thu, 01 Jan 2026 00:00:30 GMT', 'Wed, 31 Dec 2025 23:00:00 GMT', 'soon', '', null].map((value) => retryAfterMs(value, now))).toEqual([120_000, 0, 30_000, 0, null, null, null]);
});
