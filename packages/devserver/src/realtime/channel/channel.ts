import { randomUUID } from 'node:crypto';
import { NULL, type IncomingMessage } from '../codec/message.ts';
import { textBroadcast } from '../hub/broadcast.ts';
import type { Member, Rights, Room } from '../hub/hub.ts';
import type { OutFrame } from '../hub/outFrame.ts';
import { CallLimit } from '../presence/callLimit.ts';
import type { Timers } from '../../lib/time.ts';
import { PREFIX, writeRights, type Admission, type HeldToken } from './admit.ts';
import { announce } from './announce.ts';
import { ChangeSubscription } from './changeSubscription.ts';
import type { ChannelContext, ChannelPort, JoinRequest } from './context.ts';
import { handleAccessToken } from './accessToken.ts';
import { ExpiryWatch } from './expiryWatch.ts';
import { handleBroadcast } from './handleBroadcast.ts';
import { handlePresence } from './handlePresence.ts';
import type { JoinConfig } from './joinConfig.ts';
import type { ReplayedMessage } from '../broadcast/messageHistory.ts';

/** What a channel does with an event; others are ignored without a word. */
const HANDLERS: Partial<Record<string, (channel: Channel, message: IncomingMessage) => void | Promise<void>>> = {
  broadcast: handleBroadcast,
  presence: handlePresence,
  access_token: handleAccessToken,
};

/** One topic joined on one socket. Lives from an admitted join until {@link Channel.detach}. */
export class Channel implements Member {
  readonly context: ChannelContext;
  readonly port: ChannelPort;
  readonly topic: string;
  readonly config: JoinConfig;
  /** JSON text: the ref of the join, which names this channel in every later message. */
  readonly joinRef: string;
  /** JSON text: the `join_ref` that its join carried, which may be `null`. */
  readonly sentJoinRef: string;
  readonly presenceKey: string;
  readonly presenceCalls: CallLimit;
  readonly timers: Timers;
  readonly changes: ChangeSubscription;
  readonly room: Room;
  /** Replaced when a new token changes what the policies say. */
  reads: Rights;
  token: HeldToken;
  /** The topic as JSON text. */
  readonly topicJson: string;
  readonly #expiry: ExpiryWatch;
  readonly #replayed: readonly ReplayedMessage[];
  readonly #replayedIds: ReadonlySet<string>;
  #writes: Rights | Promise<Rights> | null = null;
  #detached = false;

  constructor({ context, port, message, topic }: JoinRequest, { config, token, reads, replayed }: Admission) {
    this.context = context;
    this.port = port;
    this.topic = topic;
    this.topicJson = message.topicJson;
    this.config = config;
    this.token = token;
    this.reads = reads;
    this.sentJoinRef = message.joinRef;
    // A join without join_ref is known by its ref.
    this.joinRef = message.joinRef === NULL ? message.ref : message.joinRef;
    this.presenceKey = config.presenceKey ?? randomUUID();
    this.timers = context.time.timers();
    const { maxClientPresenceEventsPerWindow, clientPresenceWindowMs } = context.tenant.settings;
    this.presenceCalls = new CallLimit({ max: maxClientPresenceEventsPerWindow, windowMs: clientPresenceWindowMs, timers: this.timers });
    this.changes = new ChangeSubscription(this);
    this.#expiry = new ExpiryWatch(this);
    this.#replayed = replayed;
    this.#replayedIds = new Set(replayed.map(({ id }) => id));
    this.room = context.hub.enter(topic, config.isPrivate, this);
  }

  /** Says what a new channel says by itself; to be called once its join was answered. */
  start(): void {
    announce(this, this.#replayed);
    this.#expiry.restart();
    this.tellPopulation();
  }

  get vsn(): ChannelPort['vsn'] {
    return this.port.vsn;
  }

  /** The topic without its prefix: what policies, SQL and `system` messages call it. */
  get name(): string {
    return this.topic.slice(PREFIX.length);
  }

  get detached(): boolean {
    return this.#detached;
  }

  /** Whether everything asked for in the join is delivered: Postgres changes too. */
  get live(): boolean {
    return !this.#detached && this.changes.live;
  }

  handle(message: IncomingMessage): void | Promise<void> {
    if (message.event === 'phx_leave') return this.#leave(message);
    const known = message.event !== null && Object.hasOwn(HANDLERS, message.event) ? HANDLERS[message.event] : undefined;
    if (known) return known(this, message);
    this.context.tenant.rates.maxEventsPerSecond.count();
  }

  send(frame: OutFrame): void {
    this.port.sendFrame(frame);
  }

  countReceived(about: keyof Rights): void {
    const { maxEventsPerSecond, maxPresenceEventsPerSecond } = this.context.tenant.rates;
    if (about === 'presence') return maxPresenceEventsPerSecond.count();
    maxEventsPerSecond.count();
    // In turn, so that a sender that hears itself is answered first.
    if (maxEventsPerSecond.exceeded) this.port.inTurn(this, () => this.shutDown('Too many messages per second'));
  }

  wasReplayed(id: string): boolean {
    return this.#replayedIds.has(id);
  }

  /** What the caller may write; asked of the policies once per token. */
  writes(): Rights | Promise<Rights> {
    const { name, config, context, token } = this;
    this.#writes ??= writeRights(context, { name, isPrivate: config.isPrivate, caller: token.verified });
    return this.#writes;
  }

  /** Takes a new token and what it may read; what it may write is asked again when needed. */
  become(token: HeldToken, reads: Rights): void {
    this.token = token;
    this.reads = reads;
    this.#writes = null;
    this.#expiry.restart();
    this.changes.renewLater();
  }

  /** Answers a message; `response` is JSON text. */
  reply(message: IncomingMessage, status: 'ok' | 'error', response = '{}'): void {
    this.#push('phx_reply', { ref: message.ref, payload: `{"status":"${status}","response":${response}}` });
  }

  /** Sends what concerns this channel alone; `payload` is JSON text. */
  push(event: string, payload: string): void {
    this.#push(event, { ref: NULL, payload });
  }

  system(extension: 'system' | 'postgres_changes', status: 'ok' | 'error', message: string): void {
    this.push('system', JSON.stringify({ message, status, extension, channel: this.name }));
  }

  /** Ends the channel from this side: the reason first, then `phx_close`. */
  shutDown(reason: string): void {
    if (this.#detached) return;
    this.system('system', 'error', reason);
    this.port.close();
  }

  /** Says that the channel is over: `phx_close`, or `phx_error` after a crash. */
  sayOver(event: 'phx_close' | 'phx_error', payload: string): void {
    this.#push(event, { ref: this.joinRef, payload });
  }

  /** Leaves the room and stops everything; nothing is delivered afterwards. Safe to call twice. */
  detach(): void {
    if (this.#detached) return;
    this.#detached = true;
    this.timers.clear();
    this.changes.close();
    const { context, config, topic, room } = this;
    context.hub.leave(topic, config.isPrivate, this);
    this.publishPresence(room.presence.untrack(this));
    this.tellPopulation();
  }

  /** Tells the room of a change of presence, if there was one. */
  publishPresence(diff: string | null): void {
    if (diff !== null) this.room.publish(textBroadcast(JSON.stringify(this.topic), 'presence_diff', diff), { about: 'presence' });
  }

  /** Says that channels came, went or became live. */
  tellPopulation(): void {
    for (const step of this.context.seams.population.steps ?? []) step();
  }

  #leave(message: IncomingMessage): void {
    // A leave that does not name this join is for an older one.
    if (message.joinRef !== this.joinRef) return;
    this.detach();
    this.reply(message, 'ok');
    this.port.close();
  }

  #push(event: string, { ref, payload }: { ref: string; payload: string }): void {
    this.port.send({ joinRef: this.joinRef, ref, topicJson: this.topicJson, event, payload });
  }
}
