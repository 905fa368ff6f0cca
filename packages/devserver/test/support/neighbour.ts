import { expect } from 'vitest';
import type { DevServer } from '../../src/index.ts';
import { SessionClient } from './sessionClient.ts';

/**
 * How long a join, a broadcast and a change may take a neighbour together, in milliseconds: some fifty alone, and much
 * more on a machine that runs other tests beside.
 */
const PROMPT_MS = 10_000;

let lastId = 0;

/** Two well-behaved clients on one topic, who notice when somebody else's misbehaviour reaches them. */
export class Neighbours {
  readonly #server: DevServer;
  readonly #speaker: SessionClient;
  readonly #listener: SessionClient;
  readonly #topic: string;
  readonly #joinRef: string;

  private constructor(server: DevServer, topic: string, clients: { speaker: SessionClient; listener: SessionClient; joinRef: string }) {
    this.#server = server;
    this.#topic = topic;
    this.#speaker = clients.speaker;
    this.#listener = clients.listener;
    this.#joinRef = clients.joinRef;
  }

  static async moveIn(server: DevServer, topic = `realtime:neighbours-${(lastId += 1)}`): Promise<Neighbours> {
    const [speaker, listener] = await Promise.all([SessionClient.open(server.url, server.anonKey, '2.0.0'), SessionClient.open(server.url, server.anonKey, '1.0.0')]);
    const joinRef = await speaker.join(topic);
    await listener.join(topic, { postgres_changes: [{ event: 'INSERT', schema: 'public', table: 'events' }] });
    await listener.until(() => listener.of('system', topic).some(({ payload }) => payload['status'] === 'ok'));
    return new Neighbours(server, topic, { speaker, listener, joinRef });
  }

  /** Joins, broadcasts, and sees a committed row; all of it promptly, and nothing that was not said. */
  async areWell(): Promise<void> {
    const began = performance.now();
    const [speaker, listener] = [this.#speaker, this.#listener];
    const id = (lastId += 1);
    const other = `${this.#topic}-${id}`;
    const otherRef = await speaker.join(other, { presence: { enabled: true } });
    await speaker.until(() => speaker.of('presence_state', other).length === 1);
    speaker.push(other, 'phx_leave', {}, otherRef);
    speaker.push(this.#topic, 'broadcast', { type: 'broadcast', event: 'word', payload: { id } }, this.#joinRef);
    await listener.until(() => listener.of('broadcast', this.#topic).length > 0);
    await this.#server.sql('insert into events (id) values ($1)', [id]);
    await listener.until(() => listener.of('postgres_changes', this.#topic).length > 0);
    const heard = listener.received.splice(0).filter(({ event }) => event === 'broadcast' || event === 'postgres_changes').map(({ payload }) => payload);
    expect(heard).toEqual([{ type: 'broadcast', event: 'word', payload: { id } }, expect.objectContaining({ data: expect.objectContaining({ record: { id } }) as unknown })]);
    expect([speaker.isOpen, listener.isOpen]).toEqual([true, true]);
    expect(performance.now() - began).toBeLessThan(PROMPT_MS);
  }

  moveOut(): void {
    this.#speaker.end();
    this.#listener.end();
  }
}
