/** A row of the fake's one kind of table: keyed by `id`. */
type FakeRow = Readonly<Record<string, unknown>> & { readonly id: string };

/** A request as the fake sees it. */
interface FakeRequest {
  readonly method: string;
  readonly table: string;
  /** Value of `id=eq.…`; null without it. */
  readonly id: string | null;
  /** All filters `column=eq.value`. */
  readonly filters: readonly (readonly [string, string])[];
  readonly body: unknown;
  readonly headers: Headers;
}

/**
 * What becomes of a request: done and answered; refused with this answer, undone; not done and not answered (`down`); done, and
 * the answer lost (`lost`).
 */
type FakeFate = 'ok' | 'down' | 'lost' | { readonly status: number; readonly code?: string; readonly retryAfter?: string };

/** Tables behind the REST API of a project, as far as supabase-js's writes go, answering as PostgREST does. */
export interface FakeRest {
  /** For `createClient`'s `global.fetch`. */
  readonly fetch: typeof fetch;
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, FakeRow>>;
  /** Every request that came, also those that were refused. */
  readonly requests: FakeRequest[];
  /** What was really done, in order: writes that changed something. */
  readonly applied: { readonly table: string; readonly type: 'INSERT' | 'UPDATE' | 'DELETE'; readonly row: FakeRow }[];
  /** Decides about the next requests. */
  fate: (request: FakeRequest) => FakeFate | Promise<FakeFate>;
}

/** Makes empty tables; every name is one. */
export function createFakeRest(): FakeRest {
  const tables = new Map<string, Map<string, FakeRow>>();
  const tableOf = (name: string): Map<string, FakeRow> => {
    const table = tables.get(name) ?? new Map<string, FakeRow>();
    tables.set(name, table);
    return table;
  };
  const rest: FakeRest = {
    tables,
    requests: [],
    applied: [],
    fate: () => 'ok',
    async fetch(input, init) {
      const url = new URL(input instanceof Request ? input.url : input);
      const request: FakeRequest = {
        method: init?.method ?? 'GET',
        table: url.pathname.split('/').at(-1) ?? '',
        id: url.searchParams.get('id')?.replace(/^eq\./, '') ?? null,
        filters: [...url.searchParams].filter(([, value]) => value.startsWith('eq.')).map(([column, value]) => [column, value.slice(3)]),
        body: typeof init?.body === 'string' ? JSON.parse(init.body) : null,
        headers: new Headers(init?.headers),
      };
      rest.requests.push(request);
      const fate = await untilAborted(Promise.resolve(rest.fate(request)), init?.signal ?? null);
      if (fate === 'down') throw new TypeError('fetch failed');
      if (typeof fate === 'object') return refusal(fate);
      const response = perform(request);
      if (fate === 'lost') throw new TypeError('fetch failed');
      return response;
    },
  };
  const perform = ({ method, table, id, filters, body, headers }: FakeRequest): Response => {
    const rows = tableOf(table);
    const prefer = headers.get('Prefer') ?? '';
    const answer = (found: readonly FakeRow[]): Response => respond(found, prefer, headers);
    if (method === 'GET') return answer([...rows.values()].filter((row) => filters.every(([column, value]) => String(row[column]) === value)));
    if (method === 'POST') {
      const incoming = (Array.isArray(body) ? body : [body]) as FakeRow[]; // the tests send such
      const known = incoming.filter((row) => rows.has(row.id));
      if (known.length > 0 && !prefer.includes('resolution=')) return refusal({ status: 409, code: '23505' });
      const fresh = incoming.filter((row) => !rows.has(row.id) || prefer.includes('merge-duplicates'));
      for (const row of fresh) {
        rest.applied.push({ table, type: 'INSERT', row });
        rows.set(row.id, row);
      }
      return answer(fresh);
    }
    const before = id === null ? undefined : rows.get(id);
    if (before === undefined) return answer([]);
    if (method === 'DELETE') rows.delete(before.id);
    const row = method === 'DELETE' ? before : { ...before, ...(body as object) };
    if (method !== 'DELETE') rows.set(row.id, row);
    if (method === 'DELETE' || JSON.stringify(row) !== JSON.stringify(before)) rest.applied.push({ table, type: method === 'DELETE' ? 'DELETE' : 'UPDATE', row });
    return answer([row]);
  };
  return rest;
}

function respond(rows: readonly FakeRow[], prefer: string, headers: Headers): Response {
  if (prefer.includes('return=minimal') || (!prefer.includes('return=representation') && headers.get('Content-Type') !== null)) return new Response(null, { status: 204 });
  const single = headers.get('Accept')?.includes('pgrst.object') === true;
  if (!single) return Response.json(rows);
  return rows.length === 1 ? Response.json(rows[0]) : Response.json({ code: 'PGRST116', message: 'not one row', details: null, hint: null }, { status: 406 });
}

function refusal({ status, code = null, retryAfter }: { status: number; code?: string | null; retryAfter?: string }): Response {
  return Response.json({ code, message: `refused with ${String(status)}`, details: null, hint: null }, { status, headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter } });
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | null): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => { reject(new DOMException('aborted', 'AbortError')); };
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject);
  });
}
