import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { DevServerError, hasNodeCode, messageOf } from './errors.ts';

/** How long `close` lets running requests finish. */
const CLOSE_GRACE_MS = 2_000;

const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/** Where to listen, and how long to wait for slow clients. */
export interface HttpOptions {
  /** 0 for any free port. */
  port: number;
  host: string;
  /** A client whose headers take longer is answered 408 and cut off. @defaultValue `15_000` */
  headersTimeoutMs?: number;
  /** The same for a whole request, its body included. @defaultValue `120_000` */
  requestTimeoutMs?: number;
}

/** What answers. */
interface HttpHandlers {
  app: Hono;
  /** Takes a WebSocket handshake over, or answers `false` when the path is not its own. */
  handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
}

/** A listening HTTP server. Requests and handshakes that come before {@link HttpServer.serve} wait for it. */
export interface HttpServer {
  port: number;
  serve(handlers: HttpHandlers): void;
  /** Lets running requests finish, then cuts every connection, upgraded ones too. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Listens with one server for requests and WebSocket handshakes. Takes the port before there is anything to serve, so
 * that a port which is not to be had is known at once.
 * @throws {@link DevServerError} `port/taken`, `port/unavailable`
 */
export async function listenHttp({ port, host, headersTimeoutMs = 15_000, requestTimeoutMs = 120_000 }: HttpOptions): Promise<HttpServer> {
  let serve: (handlers: HttpHandlers) => void = () => undefined;
  let closing: Promise<void> | undefined;
  const serving = new Promise<HttpHandlers>((resolve) => (serve = resolve));
  const listener = serving.then(({ app }) => getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  const running = new Set<ServerResponse>();
  const server = createServer({ headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, connectionsCheckingInterval: Math.min(headersTimeoutMs, 5_000) }, (request, response) => {
    void listener.then((answer) => {
      running.add(response);
      response.once('close', () => running.delete(response));
      void answer(request, response);
    });
  });
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    // A client that is gone already is no reason to fail.
    socket.on('error', () => socket.destroy());
    void serving.then(({ handleUpgrade }) => {
      if (!socket.destroyed && !handleUpgrade(request, socket, head)) socket.end(NOT_FOUND);
    });
  });
  await listening(server, port, host);
  // True once a TCP server listens; only pipes have a string.
  const { port: actual } = server.address() as AddressInfo;
  return { port: actual, serve, close: () => (closing ??= closeGently(server, running, upgraded)) };
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
