import type { Realtime } from '../realtime/index.ts';
import { withPatience } from './patience.ts';

/** Who is connected, as the server sees it: also clients inside the app under test, which the test cannot reach. */
export class Population {
  readonly #realtime: Realtime;
  readonly #patienceMs: number;

  constructor(realtime: Realtime, patienceMs: number) {
    this.#realtime = realtime;
    this.#patienceMs = patienceMs;
  }

  /** Resolves once exactly so many sockets are open. */
  sockets(count: number): Promise<void> {
    const open = () => this.#realtime.run?.sessions.size ?? 0;
    return this.#until(() => open() === count, { what: `${count} sockets`, seen: () => `${open()} are open` });
  }

  /** Resolves once exactly so many channels on a topic get everything their joins asked for. */
  subscribers(topic: string, count: number): Promise<void> {
    const channels = () => [...(this.#realtime.run?.sessions ?? [])].flatMap((session) => session.channels);
    const live = () => channels().filter((channel) => channel.name === topic && channel.live).length;
    const seen = () => `${live()} are live; there are channels on ${[...new Set(channels().map(({ name }) => name))].join(', ') || 'no topic'}`;
    return this.#until(() => live() === count, { what: `${count} live channels on ${topic}`, seen });
  }

  #until(holds: () => boolean, { what, seen }: { what: string; seen: () => string }): Promise<void> {
    if (holds()) return Promise.resolve();
    let stop: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      stop = this.#realtime.seams.population.insert(() => holds() && resolve());
    });
    return withPatience(held, { what, seen, patienceMs: this.#patienceMs }).finally(() => stop());
  }
}
