import { Agent } from 'node:http';
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import nodeFetch, { type RequestInfo, type RequestInit } from 'node-fetch';
import { WebSocket, type ClientOptions } from 'ws';

/** What went over the wire of one client, headers included. */
export interface Traffic {
  requests: number;
  httpBytes: number;
  socketBytes: number;
}

/** A client's network, which counts. */
export interface Network {
  fetch: typeof fetch;
  transport: new (address: string | URL, protocols?: string | string[]) => WebSocket;
  traffic: () => Traffic;
  close(): void;
}

/** Makes the network of one client. Its `fetch` fails in the words of a browser, which libraries look for. */
export function createNetwork(): Network {
  const http = createMeter();
  const sockets = createMeter();
  let requests = 0;
  const agent = new Agent({ keepAlive: true });
  agent.createConnection = (options) => http.connect(options as TcpNetConnectOpts); // host and port are there: it is an agent for TCP
  const request = async (input: RequestInfo, init?: RequestInit): Promise<unknown> => {
    requests += 1;
    try {
      return await nodeFetch(input, { ...init, agent });
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') throw error;
      throw new TypeError('Failed to fetch', { cause: error });
    }
  };
  class Transport extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[], options?: ClientOptions) {
      super(address, protocols, { ...options, createConnection: sockets.connect as NonNullable<ClientOptions['createConnection']> }); // ws asks with host and port too
    }
  }
  return {
    fetch: request as typeof fetch, // the same interface, from another library
    transport: Transport,
    traffic: () => ({ requests, httpBytes: http.bytes(), socketBytes: sockets.bytes() }),
    close: () => agent.destroy(),
  };
}

/** Counts the bytes of the connections it opens. */
function createMeter(): { connect: (target: TcpNetConnectOpts) => Socket; bytes: () => number } {
  const open = new Set<Socket>();
  let closed = 0;
  const bytesOf = (socket: Socket): number => socket.bytesRead + socket.bytesWritten;
  return {
    connect: ({ host = '127.0.0.1', port }) => {
      const socket = connect({ host, port });
      open.add(socket);
      socket.once('close', () => {
        open.delete(socket);
        closed += bytesOf(socket);
      });
      return socket;
    },
    bytes: () => [...open].reduce((sum, socket) => sum + bytesOf(socket), closed),
  };
}
