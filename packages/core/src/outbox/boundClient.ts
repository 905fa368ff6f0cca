import type { SupabaseClient } from '@supabase/supabase-js';
import { anySignal } from '../lib/anySignal.ts';

type Fetch = typeof fetch;

/** What the requests of one attempt met. */
export interface RequestTrace {
  /** Whether a request got no answer. */
  unanswered: boolean;
  /** Whether one was answered, whatever the answer. */
  answered: boolean;
  /** Status of the last answer that was an error; null when there was none. */
  status: number | null;
  /** How long the server asked to wait (`Retry-After`), in ms; null when it did not. */
  retryAfterMs: number | null;
}

/** What an attempt's requests are bound to. */
export interface RequestBinding {
  /** The token that was checked. */
  readonly token: string;
  readonly signal: AbortSignal;
  readonly trace: RequestTrace;
  readonly now: () => number;
}

/**
 * The app's client for one attempt: its requests to tables, functions of the database, Edge Functions and Storage carry the
 * token that was checked, even when somebody else signs in meanwhile, end with the attempt, and leave a trace of what
 * supabase-js does not pass on. Everything else is the app's client itself, which is not changed.
 */
export function boundClient(supabase: SupabaseClient, binding: RequestBinding): SupabaseClient {
  return new Proxy(supabase, {
    get(target, name) {
      if (name === 'from' || name === 'rpc') return builders(target, name, binding);
      if (name === 'schema') return (schema: string) => boundSchema(target.schema(schema), binding);
      if (name === 'functions' || name === 'storage') return boundPart(target[name], binding);
      // With the client itself as `this`: its methods use members that a proxy would hand out bound.
      return Reflect.get(target, name, target) as unknown;
    },
  });
}

/**
 * The part with its fetch bound, which it hands on to what it makes. Where a supabase-js has its fetch elsewhere, which those
 * tested have not, it is the part itself: who acts is checked before its requests only, and they do not end with the attempt.
 */
function boundPart<Part extends object>(part: Part, binding: RequestBinding): Part {
  const { fetch: inner } = part as { fetch?: Fetch }; // of every part, though not of its type
  return inner === undefined ? part : (Object.create(part, { fetch: { value: boundFetch(inner, binding) } }) as Part); // all else is inherited
}

function boundSchema<Client extends object>(client: Client, binding: RequestBinding): Client {
  return new Proxy(client, {
    get: (target, name) => (name === 'from' || name === 'rpc' ? builders(target as never, name, binding) : (Reflect.get(target, name, target) as unknown)), // both have these methods
  });
}

/** The method, with the fetch of what it builds bound. Builders hand theirs on to those they make. */
function builders(client: SupabaseClient, method: 'from' | 'rpc', binding: RequestBinding): (...args: unknown[]) => unknown {
  return (...args) => {
    const builder = (client[method] as (...args: unknown[]) => { fetch?: Fetch; retry?: unknown; retryEnabled?: boolean })(...args); // of every builder, though not of its type
    // supabase-js's own retries of reads would hold the attempt up; when to try again is decided here.
    if (method === 'from') builder.retry = false;
    else builder.retryEnabled = false;
    builder.fetch = boundFetch(builder.fetch ?? fetch, binding);
    return builder;
  };
}

function boundFetch(inner: Fetch, binding: RequestBinding): Fetch {
  const traced = tracedFetch(inner, binding);
  return (input, init) => {
    const headers = new Headers(init?.headers);
    if (!headers.has('Authorization')) headers.set('Authorization', `Bearer ${binding.token}`);
    // A plain object: React Native's fetch loses others' members.
    return traced(input, { ...init, headers: Object.fromEntries(headers) });
  };
}

/** A fetch that ends with the attempt and leaves a trace; who acts is not its business. */
export function tracedFetch(inner: Fetch, { signal, trace, now }: Omit<RequestBinding, 'token'>): Fetch {
  return async (input, init) => {
    const own = init?.signal ?? (typeof input === 'object' && 'signal' in input ? input.signal : null);
    try {
      const response = await inner(input, { ...init, signal: own ? anySignal([own, signal]) : signal });
      trace.answered = true;
      if (!response.ok) trace.status = response.status;
      trace.retryAfterMs = retryAfterMs(response.headers.get('Retry-After'), now());
      return response;
    } catch (error) {
      trace.unanswered = true;
      throw error;
    }
  };
}

/** Seconds, or a date, as RFC 9110, 10.2.3 has it. */
export function retryAfterMs(value: string | null, now: number): number | null {
  if (value === null || value === '') return null;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
