import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { describeFaults, isActiveFault, type ActiveFault, type FaultControl } from '../faults/index.ts';
import { messageOf } from '../errors.ts';
import { loopbackOnly } from './loopbackOnly.ts';

/** Options of {@link createControlApi}. */
export interface ControlOptions {
  faults: FaultControl;
  /** Origins of pages that may use it, e.g. `http://localhost:5173`; none are needed for a page that comes through the same host. */
  origins?: readonly string[];
}

const MOST_BYTES = 100_000;

/**
 * Faults over HTTP, for this machine only: `GET /faults` tells which there are and which run, `POST /faults/:name` with
 * a JSON object starts one, `DELETE /faults/:id` ends one and `DELETE /faults` all; `GET /history` tells what was done.
 * Errors are `{ message }`.
 */
export function createControlApi({ faults, origins = [] }: ControlOptions): Hono {
  const api = new Hono();
  api.use(loopbackOnly);
  // No page of another origin may read answers or send JSON, unless it is one that was named.
  if (origins.length > 0) api.use(cors({ origin: [...origins], allowMethods: ['GET', 'POST', 'DELETE'], allowHeaders: ['content-type'] }));

  api.get('/faults', (c) => c.json({ seed: faults.seed, faults: describeFaults(), active: faults.active.map(shown) }));
  api.get('/history', (c) => c.json({ seed: faults.seed, history: faults.history }));

  api.post('/faults/:name', bodyLimit({ maxSize: MOST_BYTES }), async (c) => {
    const parameters = await jsonBody(c);
    if (parameters instanceof Response) return parameters;
    try {
      const result = await start(faults, c.req.param('name'), parameters);
      return isActiveFault(result) ? c.json(shown(result), 201) : c.json(result);
    } catch (error) {
      if (error instanceof TypeError) return c.json({ message: error.message }, 400);
      throw error;
    }
  });

  api.delete('/faults', async (c) => {
    await faults.clear();
    return c.body(null, 204);
  });

  api.delete('/faults/:id', async (c) => {
    const fault = faults.active.find(({ id }) => id === c.req.param('id'));
    if (fault === undefined) return c.json({ message: `no fault ${c.req.param('id')} is active` }, 404);
    await fault.stop();
    return c.body(null, 204);
  });

  api.all('*', (c) => c.json({ message: 'the control endpoint has /faults and /history' }, 404));
  api.onError((error, c) => c.json({ message: messageOf(error) }, 500));
  return api;
}

function start(faults: FaultControl, name: string, parameters: Record<string, unknown>): Promise<object> {
  return name === 'storm' ? faults.storm(parameters) : faults.start(name, parameters);
}

/** Only JSON, and named so: a form on a foreign page cannot send that without asking first. */
async function jsonBody(c: Context): Promise<Record<string, unknown> | Response> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return c.json({ message: 'the body is JSON, with content-type: application/json' }, 415);
  const value: unknown = await c.req.json().catch(() => undefined);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return c.json({ message: 'the body is a JSON object with the parameters, {} for none' }, 400);
  return value as Record<string, unknown>; // true: JSON objects have string keys
}

function shown({ id, name, parameters, hits }: ActiveFault): object {
  return { id, name, parameters, hits };
}
