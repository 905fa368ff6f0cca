// The clients: a process of their own, so that the server's CPU time is measured and not theirs.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Done, Order } from './crowdProtocol.ts';
import { openClient } from './openClient.ts';

/** Sockets opened at the same time. */
const OPENING = 20;

/** Clients of one server that count what they receive. */
class Group {
  readonly #sockets: WebSocket[] = [];
  #connection: Socket | null = null;
  #received = 0;
  /** Length of the last frame. */
  frameBytes = 0;
  #waiting: { total: number; resolve: () => void } | null = null;

  /** Opens a socket for each opening message; one with `null` says nothing and is ready at once. */
  async open(url: string, openings: readonly (string | null)[], ready: string): Promise<void> {
    for (let at = 0; at < openings.length; at += OPENING) {
      await Promise.all(openings.slice(at, at + OPENING).map((opening) => this.#openOne(url, opening, ready)));
    }
    this.#received = 0;
  }

  /** Resolves once all clients together received this much since they were opened. */
  received(total: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { total, resolve };
      this.#look();
    });
  }

  /** The first client sends bursts of a frame, the next one when all others received the last. */
  async broadcast(frame: string, bursts: number, size: number): Promise<void> {
    const [sender, ...others] = this.#sockets;
    for (let burst = 0; burst < bursts; burst += 1) {
      // One segment, as when they were waiting for the server.
      this.#connection?.cork();
      for (let n = 0; n < size; n += 1) sender?.send(frame);
      this.#connection?.uncork();
      await this.received(this.#received + others.length * size);
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#sockets.map(async (socket) => {
        socket.terminate();
        await once(socket, 'close');
      }),
    );
  }

  async #openOne(url: string, opening: string | null, ready: string): Promise<void> {
    const { socket, connection } = await openClient(url, opening, ready);
    this.#sockets.push(socket);
    this.#connection ??= connection;
    socket.on('message', (data: Buffer) => {
      this.#received += 1;
      this.frameBytes = data.length;
      this.#look();
    });
  }

  #look(): void {
    if (this.#waiting === null || this.#received < this.#waiting.total) return;
    const { resolve } = this.#waiting;
    this.#waiting = null;
    resolve();
  }
}

const groups = new Map<string, Group>();

process.on('message', (order: Order) => {
  carryOut(order).then(
    (value) => answer({ id: order.id, ...(value === undefined ? {} : { value }) }),
    (error: unknown) => answer({ id: order.id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));

async function carryOut(order: Order): Promise<number | undefined> {
  if (order.what === 'open') {
    const group = new Group();
    groups.set(order.group, group);
    await group.open(order.url, order.openings, order.ready);
    return undefined;
  }
  const group = groups.get(order.group);
  if (group === undefined) throw new Error(`there is no group ${order.group}`);
  if (order.what === 'frameBytes') return group.frameBytes;
  if (order.what === 'received') await group.received(order.total);
  else if (order.what === 'close') await group.close();
  else await group.broadcast(order.frame, order.bursts, order.size);
  return undefined;
}

function answer(done: Done): void {
  process.send?.(done);
}
