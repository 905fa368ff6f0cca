import type { Page, WebSocketRoute } from 'playwright-core';

/** The page's socket in the hands of a test. */
export interface Wire {
  /** Closes the socket as a restarting server does and refuses every new one. */
  cut(): Promise<void>;
  /** Lets sockets through again. */
  mend(): void;
  /** Keeps back what the server sends and the predicate picks, until released. */
  hold(pick: (message: string) => boolean): void;
  /** Delivers what was kept back, in order, and keeps nothing back any more. */
  release(): void;
}

/** Puts the test between the page and the server's Realtime socket. Call it before the page connects. */
export async function tapWire(page: Page): Promise<Wire> {
  const open = new Set<WebSocketRoute>();
  let isCut = false;
  let held: (() => void)[] = [];
  let pick: ((message: string) => boolean) | null = null;

  await page.routeWebSocket(/\/realtime\/v1\/websocket/, async (socket) => {
    if (isCut) return socket.close({ code: 1012, reason: 'service restart' });
    const server = socket.connectToServer();
    open.add(socket);
    socket.onMessage((message) => server.send(message));
    socket.onClose((code, reason) => {
      open.delete(socket);
      void server.close({ ...(code === undefined ? {} : { code }), ...(reason === undefined ? {} : { reason }) });
    });
    server.onMessage((message) => {
      if (typeof message === 'string' && pick?.(message)) held.push(() => socket.send(message));
      else socket.send(message);
    });
  });

  return {
    async cut() {
      isCut = true;
      await Promise.all([...open].map((socket) => socket.close({ code: 1012, reason: 'service restart' })));
      open.clear();
    },
    mend() {
      isCut = false;
    },
    hold(predicate) {
      pick = predicate;
    },
    release() {
      pick = null;
      const late = held;
      held = [];
      for (const deliver of late) deliver();
    },
  };
}
