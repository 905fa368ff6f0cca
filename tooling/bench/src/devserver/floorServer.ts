import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** The least a server can do: ws, and the same bytes to everybody. */
export interface FloorServer {
  url: string;
  /** Sends one buffer to every client. */
  sendToAll(data: Buffer): void;
  clients(): readonly WebSocket[];
  close(): void;
}

/** Starts a bare WebSocket server that relays whatever a client sends to all others. */
export async function startFloorServer(): Promise<FloorServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      for (const client of server.clients) if (client !== socket) client.send(data, { binary: false });
    });
  });
  return {
    // A TCP server's address is an object.
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    sendToAll: (data) => {
      for (const client of server.clients) client.send(data, { binary: false });
    },
    clients: () => [...server.clients],
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
