import { createServer } from 'node:net';

const TRIES = 50;

/**
 * The first port from `wanted` on that nobody listens on.
 *
 * @throws Error when fifty ports in a row are taken.
 */
export async function freePort(wanted) {
  for (let port = wanted; port < wanted + TRIES; port++) {
    if (await isFree(port)) return port;
  }
  throw new Error(`ports ${wanted} to ${wanted + TRIES - 1} are all taken; name another one (see npm start -- --help).`);
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
