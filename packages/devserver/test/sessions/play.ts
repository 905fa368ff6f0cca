import { expect } from 'vitest';
import type { ManualClock, TestBackend } from '../../src/testing/index.ts';
import { SessionClient, type Vsn } from '../support/sessionClient.ts';
import { expectHeard, hears, soundOf, type Said } from './hearing.ts';
import { LOOK_MS, ModelRate, UNLIMITED, type Limits } from './rates.ts';
import { checkSeat, isPrivate, presentAt, Seat } from './seat.ts';
import type { Action, Session, Step } from './session.ts';
import { heardAs, heardFromDatabase, speak, statementOf } from './speech.ts';

/** Calls of presence count this long against their channel. */
const PRESENCE_WINDOW_MS = 30_000;
const TOO_MANY_JOINS = 1001;

/** A server whose clock the play moves. */
export interface Stage {
  backend: TestBackend;
  clock: ManualClock;
}

/** A socket with its seats. */
interface Person {
  vsn: Vsn;
  client: SessionClient;
  seats: Seat[];
  /** Its join was one too many: the socket closes when the clock moves on. */
  doomed: boolean;
  gone: boolean;
}

type Join = Extract<Action, { kind: 'join' }>;
type Broadcast = Extract<Action, { kind: 'broadcast' }>;

let lastSession = 0;
let lastRow = 0;

/**
 * Plays a session against the server, with a model of what each socket must hear. Without limits, the messages of a
 * round are under way at the same time, and the model knows what must come, not all that may; with limits they go one
 * at a time, and it knows everything.
 */
export class Play {
  readonly #stage: Stage;
  readonly #id = (lastSession += 1);
  readonly #limits: Limits;
  readonly #isLimited: boolean;
  readonly #rates: Record<'messages' | 'changes' | 'joins', ModelRate>;
  readonly #people: Person[] = [];
  /** All there ever were: a socket that comes again has new ones. */
  readonly #seats: Seat[] = [];
  #token = '';
  #said = 0;

  private constructor(stage: Stage, limits: Limits | null) {
    this.#stage = stage;
    this.#limits = limits ?? UNLIMITED;
    this.#isLimited = limits !== null;
    this.#rates = {
      messages: new ModelRate(this.#limits.maxEventsPerSecond),
      changes: new ModelRate(this.#limits.maxDbEventsPerSecond),
      joins: new ModelRate(this.#limits.maxJoinsPerSecond),
    };
  }

  /** Plays a session from the first handshake to the last close, and checks it. */
  static async all(stage: Stage, { versions, rounds, limits }: Session): Promise<void> {
    const play = new Play(stage, limits);
    // Settings that change are measured anew.
    const limit = await stage.backend.faults.limit(play.#limits);
    try {
      await play.#enter(versions);
      for (const round of rounds) await play.#round(round);
      for (const seat of play.#seats) checkSeat(seat, { exactly: play.#isLimited });
    } finally {
      for (const { client } of play.#people) client.end();
      await stage.backend.waitForSockets(0);
      await limit.stop();
    }
  }

  async #enter(versions: readonly Vsn[]): Promise<void> {
    this.#token = await this.#stage.backend.server.signToken({ role: 'authenticated' });
    for (const [index, vsn] of versions.entries()) this.#people.push(await this.#person(index, vsn));
  }

  async #person(index: number, vsn: Vsn): Promise<Person> {
    const { server } = this.#stage.backend;
    const client = await SessionClient.open(server.url, server.anonKey, vsn);
    const seats = ['a', 'b'].map((name) => new Seat(client, `k${index}`, `realtime:${this.#id}-${name}`));
    this.#seats.push(...seats);
    return { vsn, client, seats, doomed: false, gone: false };
  }

  async #round(steps: readonly Step[]): Promise<void> {
    await this.#comeAgain();
    for (const { joined } of this.#present()) if (joined) joined.steady = true;
    const said: Said[] = [];
    const rows: number[] = [];
    for (const step of steps) {
      await this.#do(step, said, rows);
      if (this.#isLimited) await this.#quiet();
    }
    await this.#quiet();
    await this.#stage.backend.settled();
    await Promise.all(this.#people.filter(({ gone }) => !gone).map(({ client }) => client.caughtUp()));
    if (!this.#isLimited) for (const seat of this.#present()) expectHeard(seat, said, rows);
    for (const seat of this.#present()) this.#checkPresence(seat);
    await this.#moveOn();
  }

  /** Who was thrown out comes back, unless there are too many joins. */
  async #comeAgain(): Promise<void> {
    if (this.#rates.joins.exceeded) return;
    for (const [index, { gone, vsn }] of this.#people.entries()) if (gone) this.#people[index] = await this.#person(index, vsn);
  }

  /** Seats of those who are there. */
  #present(): Seat[] {
    return this.#people.flatMap(({ gone, seats }) => (gone ? [] : seats));
  }

  async #do(step: Step, said: Said[], rows: number[]): Promise<void> {
    if ('rows' in step) return this.#insert(step.rows, rows);
    if ('sends' in step) return this.#send(step, said);
    const person = this.#people[step.socket];
    const seat = person?.seats[step.topic === 'a' ? 0 : 1];
    if (person === undefined || seat === undefined || person.gone) return;
    await this.#act(person, seat, step.action, said);
  }

  async #insert(values: readonly number[], rows: number[]): Promise<void> {
    const inserted = values.map((n) => ({ id: (lastRow += 1), n }));
    await this.#stage.backend.sql(`insert into items select * from json_to_recordset($1) as r(id int, n int)`, [JSON.stringify(inserted)]);
    if (this.#isLimited) await this.#stage.backend.settled();
    const ids = inserted.map(({ id }) => id);
    rows.push(...ids);
    // Over their limit, changes are lost without a word.
    if (!this.#isLimited || this.#rates.changes.exceeded) return;
    for (const { joined, rows: heardRows } of this.#present()) {
      if (joined?.changes !== true) continue;
      heardRows.push(...ids);
      this.#rates.changes.count(values.reduce((sum, n) => sum + (n === 1 ? 2 : 1), 0));
    }
  }

  async #send({ sends, event, topic: name }: Extract<Step, { sends: unknown }>, said: Said[]): Promise<void> {
    const words = { event, words: `db ${(this.#said += 1)}` };
    const topic = `${this.#id}-${name}`;
    await this.#stage.backend.sql(...statementOf(sends, { ...words, topic, isPrivate: isPrivate(topic) }));
    if (this.#isLimited) await this.#stage.backend.settled();
    // So are the database's broadcasts.
    if (this.#rates.messages.exceeded) return;
    this.#broadcast({ seat: null, topic: `realtime:${topic}`, as: heardFromDatabase(sends, words) }, said);
  }

  async #act(person: Person, seat: Seat, action: Action, said: Said[]): Promise<void> {
    // What comes after a refused join waits for its answer, which the end of the socket swallows.
    if (seat.refused && (person.doomed || action.kind === 'join')) return;
    switch (action.kind) {
      case 'join':
        return this.#join(person, seat, action);
      case 'leave': {
        seat.answered(seat.push('phx_leave', {}));
        return seat.closed();
      }
      case 'broadcast':
        return this.#speak(person, seat, action, said);
      case 'track':
      case 'untrack':
        return this.#track(seat, action.kind);
      case 'token':
      case 'unknown': {
        const ref = seat.push(action.kind === 'token' ? 'access_token' : 'no_such_event', { access_token: await this.#stage.backend.server.signToken({ role: 'authenticated', n: this.#said }) });
        if (!seat.joined) return seat.failed(ref, 'unmatched topic');
        return action.kind === 'unknown' ? this.#rates.messages.count() : undefined;
      }
      case 'garbage':
        return seat.client.raw('{"topic":');
      case 'heartbeat':
        return seat.client.caughtUp();
    }
  }

  #join(person: Person, seat: Seat, { changes, ack, self }: Join): void {
    if (person.doomed) return;
    const previous = seat.joined;
    const refusal = this.#refusal(person, seat);
    const ref = seat.push('phx_join', seat.joinPayload({ changes, ack, self }, this.#token));
    if (refusal === null) seat.answered(ref);
    else seat.failed(ref, refusal);
    if (previous) seat.closed();
    seat.refused = refusal !== null;
    if (refusal === null) seat.joined = { ref, changes, ack, self, trackedAt: [], present: false, steady: false };
  }

  /** Why a join is refused, or `null`; one that is not for its rate counts. */
  #refusal(person: Person, seat: Seat): string | null {
    if (this.#rates.joins.exceeded) {
      person.doomed = true;
      return 'ClientJoinRateLimitReached: Too many joins per second';
    }
    this.#rates.joins.count();
    const others = person.seats.filter((other) => other !== seat && (other.joined !== null || other.refused));
    return others.length + 1 > this.#limits.maxChannelsPerClient ? 'ChannelRateLimitReached: Too many channels' : null;
  }

  #speak({ vsn }: Person, seat: Seat, { form, event }: Broadcast, said: Said[]): void {
    const words = { event, words: `${seat.key} ${(this.#said += 1)}` };
    const { joined } = seat;
    const ref = speak(seat.client, { topic: seat.topic, joinRef: joined?.ref ?? null }, form, words);
    // Version 1 has no binary frames: one is as good as garbage.
    if (vsn === '1.0.0' && form !== 'text') return;
    if (!joined) return seat.failed(ref, 'unmatched topic');
    this.#broadcast({ seat, topic: seat.topic, as: heardAs(form, words) }, said, () => {
      if (joined.ack) seat.answered(ref);
    });
  }

  /** Counts a broadcast and lets it be heard; over the limit of messages that closes the channels of those who hear it, after the sender was answered. */
  #broadcast(one: Said, said: Said[], answer: () => void = () => undefined): void {
    said.push(one);
    this.#rates.messages.count();
    const hearers = this.#present().filter((seat) => hears(seat, one));
    if (this.#isLimited) {
      for (const seat of hearers) seat.heard.push(soundOf(one, seat) ?? '');
      this.#rates.messages.count(hearers.length);
    }
    answer();
    if (this.#rates.messages.exceeded) for (const seat of hearers) seat.closed('Too many messages per second');
  }

  #track(seat: Seat, kind: 'track' | 'untrack'): void {
    const { joined } = seat;
    const ref = seat.push('presence', { type: 'presence', event: kind, payload: { at: (this.#said += 1) } });
    if (!joined) return seat.failed(ref, 'unmatched topic');
    if (kind === 'track') {
      const now = this.#stage.clock.now();
      const recent = joined.trackedAt.filter((at) => at + PRESENCE_WINDOW_MS > now);
      if (recent.length >= this.#limits.maxClientPresenceEventsPerWindow) return seat.closed('Client presence rate limit exceeded');
      joined.trackedAt = [...recent, now];
    }
    joined.present = kind === 'track';
    seat.answered(ref);
  }

  /** Resolves once all that sockets sent was answered. */
  async #quiet(): Promise<void> {
    await Promise.all(this.#present().map((seat) => seat.quiet()));
  }

  /** Moves the clock: rates are looked at, tokens taken over, refused joins answered. */
  async #moveOn(): Promise<void> {
    this.#stage.clock.advance(LOOK_MS);
    for (const rate of Object.values(this.#rates)) rate.look();
    for (const seat of this.#present()) seat.refused = false;
    for (const person of this.#people) {
      if (!person.doomed || person.gone) continue;
      expect(await person.client.closed).toBe(TOO_MANY_JOINS);
      person.gone = true;
      for (const seat of person.seats) seat.joined = null;
    }
    await this.#stage.backend.waitForSockets(this.#people.filter(({ gone }) => !gone).length);
    await this.#quiet();
    expect(this.#people.map(({ client }) => client.isOpen)).toEqual(this.#people.map(({ gone }) => !gone));
  }

  #checkPresence(seat: Seat): void {
    if (!seat.joined) return;
    const present = this.#present().filter(({ topic, joined }) => topic === seat.topic && joined?.present === true).map(({ key }) => key);
    expect(presentAt(seat), `who ${seat.key} sees on ${seat.topic}`).toEqual(present.sort());
  }
}
