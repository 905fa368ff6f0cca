import type { Context, MiddlewareHandler } from 'hono';
import { nodeRequest } from '../lib/nodeRequest.ts';

/** Names and addresses of this machine. */
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;
const LOOPBACK_ADDRESS = /^(?:::ffff:)?127(?:\.\d{1,3}){3}$|^::1$/i;

/**
 * Lets through only what comes from this machine and was meant for it: the peer's address, the Host header (a name that
 * somebody else's DNS points here is not ours), and what a proxy says it forwards.
 */
export const loopbackOnly: MiddlewareHandler = async (context, next) => {
  if (isLocal(context)) return next();
  return context.json({ message: 'the control endpoint answers this machine only, by the name localhost or a loopback address' }, 403);
};

function isLocal(context: Context): boolean {
  const { req } = context;
  const peer = nodeRequest(context)?.socket.remoteAddress ?? '';
  const forwarded = (req.header('x-forwarded-for') ?? '').split(',').map((address) => address.trim());
  const isForwardedHere = forwarded.every((address) => address === '' || LOOPBACK_ADDRESS.test(address));
  return LOOPBACK_ADDRESS.test(peer) && LOOPBACK_HOST.test(req.header('host') ?? '') && isForwardedHere && req.header('forwarded') === undefined;
}
