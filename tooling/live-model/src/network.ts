import type { ClientOptions } from '@ruwad/realtime-devserver/testing';
import { WebSocket } from 'ws';
import type { Journal } from './journal.ts';
import type { VirtualTime } from './virtualTime.ts';

/** The network of an app. */
export interface Network {
  readonly fetch: typeof fetch;
  readonly transport: NonNullable<NonNullable<ClientOptions['realtime']>['transport']>;
  /** The socket that was made last; null before the first one. */
  readonly socket: WebSocket | null;
  /** What was asked and is not answered yet. */
  readonly unanswered: ReadonlySet<object>;
}

/** The network of the machine, which tells the time what is under way. */
export function createNetwork(time: VirtualTime, journal: Journal): Network {
  let socket: WebSocket | null = null;
  const unanswered = new Set<object>();
  const onMade = (made: WebSocket): void => void (socket = made);
  class Socket extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols);
      onMade(this);
      const opened = time.begin();
      this.once('open', opened).once('close', opened);
    }

    override emit(name: string | symbol, ...args: unknown[]): boolean {
      time.stir();
      if (name === 'open' || name === 'close') journal.note(`socket: ${name}`);
      if (name === 'message') journal.note('received', String(args[0]));
      return super.emit(name, ...args);
    }

    override send(data: Parameters<WebSocket['send']>[0]): void {
      time.stir();
      journal.note('sent', data);
      super.send(data); // realtime-js gives data alone
    }
  }
  return {
    get socket() {
      return socket;
    },
    unanswered,
    fetch: async (address, init) => {
      const answered = time.begin();
      const request = {};
      unanswered.add(request);
      const asked = `${(address as string).replace(/^.*\/v1/, '')} ${typeof init?.body === 'string' ? init.body : ''}`; // postgrest-js gives texts
      journal.note('asked', asked);
      try {
        const answer = await fetch(address, init);
        journal.note('answered', asked, String(answer.status), (await answer.clone().text()).replaceAll(/\s+/g, ' '));
        return answer;
      } finally {
        unanswered.delete(request);
        answered();
      }
    },
    transport: Socket as never, // the events of `ws` only look like those of the DOM
  };
}
