import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';

/** The request of Node below one of Hono's, which the adapter puts there; none when the app was called without a server. */
export function nodeRequest({ env }: Context): IncomingMessage | undefined {
  // True by @hono/node-server, whose bindings are `incoming` and `outgoing`.
  return (env as { incoming?: IncomingMessage } | undefined)?.incoming;
}
