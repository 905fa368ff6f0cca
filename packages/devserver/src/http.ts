import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { DevServerError, hasNodeCode, messageOf } from './errors.ts';

/** How long `close` lets running requests finish. */
const CLOSE_GRACE_MS = 2_000;

const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** Options of {@link listenHttp}. */
export interface HttpOptions {
  /** 0 for any free port. */
  port: number;
  host: string;
  app: Hono;
  /** Takes a WebSocket handshake over, or answers `false` when the path is not its own. */
  handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
}

/** A listening HTTP server. */
export interface HttpServer {
  port: number;
  /** Lets running requests finish, then cuts every connection, upgraded ones too. */
  close(): Promise<void>;
}

/**
 * Listens with one server for requests and WebSocket handshakes.
 * @throws {@link DevServerError} `port/taken`, `port/unavailable`
 */
export async function listenHttp({ port, host, app, handleUpgrade }: HttpOptions): Promise<HttpServer> {
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const running = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    running.add(response);
    response.once('close', () => running.delete(response));
    void listener(request, response);
  });
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    if (handleUpgrade(request, socket, head)) return;
    // A client that is gone already is no reason to fail.
    socket.on('error', () => socket.destroy());
    socket.end(NOT_FOUND);
  });
  await listening(server, port, host);
  // True once a TCP server listens; only pipes have a string.
  const { port: actual } = server.address() as AddressInfo;
  return { port: actual, close: () => closeGently(server, running, upgraded) };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, port, host)));
    server.listen(port, host, resolve);
  });
}

function listenError(error: Error, port: number, host: string): DevServerError {
  if (hasNodeCode(error, 'EADDRINUSE')) {
    return new DevServerError('port/taken', `port ${port} on ${host} is taken; stop the program that has it, or choose another with --port (0 takes any free one)`, { cause: error });
  }
  return new DevServerError('port/unavailable', `cannot listen on ${host} port ${port}: ${messageOf(error)}; choose another --host or --port`, { cause: error });
}

function closeGently(server: Server, running: ReadonlySet<ServerResponse>, upgraded: ReadonlySet<Duplex>): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      server.closeAllConnections();
      // Node does not count these as the server's, yet waits for them.
      for (const socket of upgraded) socket.destroy();
    };
    const patience = setTimeout(end, CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(patience);
      resolve();
    });
    if (running.size === 0) end();
    // A connection kept alive after its last response would hold the server open until it idles out.
    for (const response of running) response.once('close', () => running.size === 0 && end());
  });
}
