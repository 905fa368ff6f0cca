import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Done, Order } from './crowdProtocol.ts';

/** An order without the number that the crowd gives it. */
type Wish<T> = T extends unknown ? Omit<T, 'id'> : never;

/** Many clients in another process. */
export class Crowd {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: number) => void; reject: (error: Error) => void }>();
  #orders = 0;

  constructor() {
    this.#process = fork(fileURLToPath(new URL('./crowdProcess.ts', import.meta.url)));
    this.#process.on('message', ({ id, value = 0, error }: Done) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    });
    this.#process.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the clients' process ended with ${code}`));
    });
  }

  /** Opens one client per message; each is in once it received a text that contains `ready`. */
  open(group: string, { url, openings, ready = '' }: { url: string; openings: (string | null)[]; ready?: string }): Promise<unknown> {
    return this.#order({ what: 'open', group, url, openings, ready });
  }

  /** Resolves once a group received so many frames altogether, what came while it was opened aside. */
  received(group: string, total: number): Promise<unknown> {
    return this.#order({ what: 'received', group, total });
  }

  /** The group's first client sends `bursts` times `size` frames; resolves when all others received them all. */
  broadcast(group: string, { frame, bursts, size = 1 }: { frame: string; bursts: number; size?: number }): Promise<unknown> {
    return this.#order({ what: 'broadcast', group, frame, bursts, size });
  }

  /** Length of the last frame a group received. */
  frameBytes(group: string): Promise<number> {
    return this.#order({ what: 'frameBytes', group });
  }

  /** Ends a group's clients. */
  close(group: string): Promise<unknown> {
    return this.#order({ what: 'close', group });
  }

  end(): void {
    this.#process.disconnect();
  }

  #order(wish: Wish<Order>): Promise<number> {
    const id = (this.#orders += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#process.send({ id, ...wish });
    });
  }
}
