import type { Random } from './random.ts';
import { SessionClient } from '../support/sessionClient.ts';

const MEMBERS_PER_TOPIC = 10;
const HEARTBEAT_MS = 25_000;

/** One of the crowd: a socket on one topic, which may be between two sockets. */
interface Person {
  topic: string;
  client: SessionClient;
  joinRef: string;
  trackedAt: number;
}

/** What a crowd did. */
export interface CrowdCounts {
  joins: number;
  broadcasts: number;
  tracks: number;
  received: number;
}

/** Many clients that join, speak, track their presence, leave and come again, at random but from one seed. */
export class Crowd {
  readonly counts: CrowdCounts = { joins: 0, broadcasts: 0, tracks: 0, received: 0 };
  readonly #server: { url: string; anonKey: string };
  readonly #random: Random;
  readonly #people: Person[] = [];
  #lastHeartbeat = performance.now();

  constructor(server: { url: string; anonKey: string }, random: Random) {
    this.#server = server;
    this.#random = random;
  }

  /** Lets `size` people in, a few at a time. */
  async fill(size: number): Promise<void> {
    for (let n = 0; n < size; n += 20) {
      this.#people.push(...(await Promise.all(Array.from({ length: Math.min(20, size - n) }, (_, k) => this.#enter(`realtime:soak-${Math.floor((n + k) / MEMBERS_PER_TOPIC)}`)))));
    }
  }

  /** One step of everybody's life: 20 speak, 5 track, 3 leave and come again, half of those without a goodbye. */
  async step(): Promise<void> {
    for (let n = 0; n < 20; n += 1) this.#speak(this.#anybody());
    for (let n = 0; n < 5; n += 1) this.#track(this.#anybody());
    await Promise.all(Array.from({ length: 3 }, () => this.#comeAgain(this.#random.below(this.#people.length))));
    if (performance.now() - this.#lastHeartbeat > HEARTBEAT_MS) {
      this.#lastHeartbeat = performance.now();
      for (const { client } of this.#people) client.push('phoenix', 'heartbeat', {}, null);
    }
    for (const { client } of this.#people) this.counts.received += client.received.splice(0).length;
  }

  /** How many have a socket that is open. */
  get present(): number {
    return this.#people.filter(({ client }) => client.isOpen).length;
  }

  disperse(): void {
    for (const { client } of this.#people) client.end();
  }

  async #enter(topic: string): Promise<Person> {
    const client = await SessionClient.open(this.#server.url, this.#server.anonKey, this.#random.below(2) === 0 ? '1.0.0' : '2.0.0');
    const changes = this.#random.below(4) === 0 ? [{ event: 'INSERT', schema: 'public', table: 'events', filter: `id=gt.${this.#random.below(100)}` }] : [];
    const joinRef = await client.join(topic, { presence: { enabled: true }, postgres_changes: changes });
    this.counts.joins += 1;
    return { topic, client, joinRef, trackedAt: -Infinity };
  }

  async #comeAgain(index: number): Promise<void> {
    const person = this.#people[index];
    if (person === undefined) return;
    if (this.#random.below(2) === 0) person.client.push(person.topic, 'phx_leave', {}, person.joinRef);
    person.client.end();
    this.#people[index] = await this.#enter(person.topic);
  }

  #speak({ client, topic, joinRef }: Person): void {
    this.counts.broadcasts += 1;
    if (client.isOpen) client.push(topic, 'broadcast', { type: 'broadcast', event: 'said', payload: { text: 'x'.repeat(this.#random.below(500)) } }, joinRef);
  }

  /** Seldom enough for the limit of presence calls, which would close the channel. */
  #track(person: Person): void {
    if (performance.now() - person.trackedAt < 10_000 || !person.client.isOpen) return;
    person.trackedAt = performance.now();
    this.counts.tracks += 1;
    person.client.push(person.topic, 'presence', { type: 'presence', event: 'track', payload: { mood: this.#random.below(10) } }, person.joinRef);
  }

  #anybody(): Person {
    // True: the crowd is not empty while it lives.
    return this.#people[this.#random.below(this.#people.length)] as Person;
  }
}
