import { admit, PREFIX, type Admission } from '../channel/admit.ts';
import { echoBinding } from '../channel/bindingIds.ts';
import { Channel } from '../channel/channel.ts';
import type { ChannelPort, JoinRequest } from '../channel/context.ts';
import { JoinRefused } from '../channel/joinRefused.ts';
import { NULL, type IncomingMessage } from '../codec/message.ts';
import { SerialQueue } from '../lib/serialQueue.ts';
import type { Timers } from '../../lib/time.ts';
import { LIMITS } from '../limits.ts';
import type { ChannelSubject } from '../seams.ts';
import type { SocketSession } from './socketSession.ts';
import { loggable } from '../../errors.ts';

/** Close code of sockets that join too often. */
const GOING_AWAY = 1001;
/** Said without naming channel or join. */
const DISCONNECT = '{"message":"Server requested disconnect","status":"ok","extension":"system"}';

/**
 * One topic of one socket: its messages in turn, and the channel they go to. A message waits while an earlier one of
 * the same topic asks the database, so that order holds; an error crashes this topic's channel only.
 */
export class TopicSlot {
  readonly #session: SocketSession;
  readonly #topic: string;
  readonly #timers: Timers;
  readonly #port: ChannelPort;
  readonly #queue = new SerialQueue(
    (error) => this.#crash(error),
    () => this.#settle(),
  );
  #channel: Channel | null = null;
  #ended = false;

  constructor(session: SocketSession, topic: string) {
    this.#session = session;
    this.#topic = topic;
    this.#timers = session.context.time.timers();
    this.#port = {
      user: session,
      vsn: session.codec.vsn,
      apiKey: session.apiKey,
      send: (message) => session.send(message),
      sendFrame: (frame) => session.sendFrame(frame),
      inTurn: (channel, task) => this.#queue.run(() => (this.#channel === channel ? task() : undefined)),
      crash: (channel, why) => this.#queue.run(() => (this.#channel === channel ? this.#crash(new Error(why)) : undefined)),
      close: () => this.#close('phx_close', '{}'),
    };
  }

  /** Whether a message is being answered, which others wait for. */
  get busy(): boolean {
    return this.#queue.busy;
  }

  /** The channel that is joined, if one is. */
  get channel(): Channel | null {
    return this.#channel;
  }

  receive(message: IncomingMessage): void {
    this.#queue.run(() => this.#handle(message));
  }

  /** Calls back once nothing that arrived so far is waiting any more. */
  whenIdle(callback: () => void): void {
    this.#queue.run(callback);
  }

  /** Says that the server ends the socket. */
  sayDisconnect(): void {
    if (this.#channel) this.#session.send({ joinRef: NULL, ref: NULL, topicJson: this.#channel.topicJson, event: 'system', payload: DISCONNECT });
  }

  /** The socket is gone. */
  end(): void {
    this.#ended = true;
    this.#queue.clear();
    this.#timers.clear();
    this.#channel?.detach();
    this.#channel = null;
  }

  #handle(message: IncomingMessage): void | Promise<void> {
    if (this.#ended) return;
    if (message.event === 'phx_join') return this.#join(message);
    if (this.#channel) return this.#drops(message, this.#channel) ? undefined : this.#channel.handle(message);
    this.#session.answerUnjoined(message);
  }

  #drops({ joinRef }: IncomingMessage, { sentJoinRef: channelJoinRef }: Channel): boolean {
    return this.#session.context.seams.push.steps?.some((step) => step({ joinRef, channelJoinRef })) === true;
  }

  /** A second join replaces the first: the new one is answered, then the old one is closed. */
  async #join(message: IncomingMessage): Promise<void> {
    const previous = this.#channel;
    this.#channel = null;
    previous?.detach();
    const request = { context: this.#session.context, port: this.#port, message, topic: this.#topic };
    const admission = await this.#admit(request);
    if (this.#ended) return;
    const channel = admission instanceof JoinRefused ? null : new Channel(request, admission);
    this.#channel = channel;
    this.#session.reply(message, { ...joinReply(admission), joinRef: message.joinRef });
    previous?.sayOver('phx_close', '{}');
    if (channel) this.#session.context.tenant.users.add(this.#session);
    channel?.start();
    if (admission instanceof JoinRefused && admission.options.closesSocket === true) void this.#session.close(GOING_AWAY);
  }

  /** A refusal is given late, so that a client that tries again at once does no harm. */
  async #admit(request: JoinRequest): Promise<Admission | JoinRefused> {
    try {
      const admission = await admit(request);
      this.#refuse({ name: this.#topic.slice(PREFIX.length), caller: admission.token.verified });
      return admission;
    } catch (error) {
      const { logger } = this.#session.context;
      if (!(error instanceof JoinRefused)) logger.error('a join failed', { topic: this.#topic, error: loggable(error) });
      await new Promise<void>((resolve) => this.#timers.after(LIMITS.refusedJoinMs, resolve));
      return error instanceof JoinRefused ? error : new JoinRefused('UnknownErrorOnChannel: the join failed');
    }
  }

  /** @throws JoinRefused when a fault wants this join refused. */
  #refuse(join: ChannelSubject): void {
    for (const step of this.#session.context.seams.join.steps ?? []) {
      const reason = step(join);
      if (reason !== null) throw new JoinRefused(reason);
    }
  }

  #crash(error: unknown): void {
    this.#session.context.logger.warn('a channel crashed', { topic: this.#topic, error: loggable(error) });
    this.#close('phx_error', '{"reason":"channel_crash"}');
  }

  #close(event: 'phx_close' | 'phx_error', payload: string): void {
    const channel = this.#channel;
    this.#channel = null;
    channel?.detach();
    channel?.sayOver(event, payload);
  }

  #settle(): void {
    if (this.#channel === null) this.#session.forget(this.#topic, this);
  }
}

function joinReply(admission: Admission | JoinRefused): { status: 'ok' | 'error'; response: string } {
  if (admission instanceof JoinRefused) return { status: 'error', response: JSON.stringify({ reason: admission.message }) };
  return { status: 'ok', response: `{"postgres_changes":[${admission.config.bindings.map(echoBinding).join(',')}]}` };
}
