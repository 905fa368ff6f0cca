import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';

/** A connected client. */
export interface Client {
  socket: WebSocket;
  /** The connection below, to send several frames at once. */
  connection: Socket;
}

/**
 * Opens a client. One with an `opening` message sends it and is ready with the first text that contains `ready`.
 * @throws with the server's text when that says `error`
 */
export async function openClient(url: string, opening: string | null, ready: string): Promise<Client> {
  const { hostname, port } = new URL(url);
  const connection = connect({ host: hostname, port: Number(port), noDelay: true });
  const socket = new WebSocket(url, { perMessageDeflate: false, createConnection: () => connection });
  await once(socket, 'open');
  if (opening === null) return { socket, connection };
  // Listens before it speaks: several messages may come at once.
  const answered = new Promise<void>((resolve, reject) => {
    socket.on('message', function hear(data: Buffer) {
      const text = data.toString();
      if (text.includes('"error"')) reject(new Error(text));
      if (!text.includes(ready)) return;
      socket.off('message', hear);
      resolve();
    });
  });
  socket.send(opening);
  await answered;
  return { socket, connection };
}
