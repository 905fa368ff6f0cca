import type { MiddlewareHandler } from 'hono';
import type { Tokens } from '../tokens/index.ts';

/**
 * What the gateway in front of a Supabase project does with every HTTP request: it wants an `apikey`, as header or
 * query parameter, and answers 401 in its own shape. Any token of this project that holds is accepted.
 */
export function requireApiKey(tokens: Tokens): MiddlewareHandler {
  return async (c, next) => {
    const key = c.req.header('apikey') ?? c.req.query('apikey');
    const checked = await tokens.verify(key);
    if (checked.ok) return next();
    return checked.failure.reason === 'missing'
      ? c.json({ message: 'No API key found in request', hint: 'No `apikey` request header or url param was found.' }, 401)
      : c.json({ message: 'Invalid API key', hint: 'Double check your Supabase `anon` or `service_role` API key.' }, 401);
  };
}
