import { build } from 'esbuild';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A page that is served on this machine. */
export interface ServedPage {
  readonly url: string;
  close(): Promise<void>;
}

const HTML = '<!doctype html><meta charset="utf-8"><title>test</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>';

/**
 * Bundles a program, packages of this repository from their sources, and serves an empty page that runs it. 127.0.0.1
 * is a secure context: Web Locks are there.
 *
 * @param entry - path of the program
 */
export async function servePage(entry: string): Promise<ServedPage> {
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: 'esm', target: 'es2022', conditions: ['@ruwad/source'], define: { 'process.env.NODE_ENV': '"production"' } });
  const script = outputFiles[0]?.text ?? '';
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' }).end(isScript ? script : HTML);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, // of a TCP server
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
