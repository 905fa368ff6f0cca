import type { RealtimeChannel, RealtimeClient as SupabaseRealtime } from '@supabase/supabase-js';
import { RealtimeError } from '../errors.ts';
import type { Logger } from '../lib/logger.ts';
import { textOf } from '../lib/textOf.ts';
import { closeReason, isUnknownReason, type CloseSignal } from './closeReason.ts';
import { observeSocket, type Frame } from './socketHooks.ts';
import type { Join, JoinHandlers, JoinRequest, WireEvent } from './types.ts';

const EVENTS: ReadonlySet<string> = new Set<WireEvent['type']>(['postgres_changes', 'broadcast', 'presence_state', 'presence_diff']);

/** What {@link openSupabaseJoin} needs beside the client. */
export interface SupabaseJoinParts {
  logger: Logger;
  /** The server ended the join for a reason that this SDK does not know. */
  onUnknownReason: () => void;
}

/** Joins a topic once, with a supabase channel that is thrown away afterwards. The socket must be open and authorised. */
export function openSupabaseJoin(realtime: SupabaseRealtime, request: JoinRequest, handlers: JoinHandlers, { logger, onUnknownReason }: SupabaseJoinParts): Join {
  const { topic } = request;
  const fullTopic = `realtime:${topic}`;
  // supabase-js would hand out the existing channel, and refuse new bindings on it.
  if (realtime.getChannels().some((existing) => existing.topic === fullTopic)) return refusedJoin(topic, handlers);

  const channel = configure(realtime, request);
  let joined = false;
  let over = false;
  let subscribed = false;
  /** The token that the subscription was last made with, for all we know. */
  let token = realtime.accessTokenValue;
  let systemError: string | null = null;
  let replyError: unknown = null;
  let bindingIds: readonly number[] | undefined;
  let removal: Promise<void> | undefined;

  const remove = (): Promise<void> => {
    over = true;
    stopObserving();
    // In a microtask: supabase-js is iterating over its channels when it reports their end.
    removal ??= Promise.resolve().then(async () => {
      if (realtime.getChannels().includes(channel)) await realtime.removeChannel(channel);
    });
    return removal;
  };
  const end = (signal: CloseSignal): void => {
    if (over) return;
    remove().catch((error: unknown) => {
      logger.warn('a channel could not be removed', { topic, reason: String(error) });
    });
    if (isUnknownReason(signal)) onUnknownReason();
    handlers.onEnded(closeReason(signal, topic));
  };

  /** The server repeats itself 1–3 s after a new token, whose subscription replaces the old one without a break. */
  const onSubscribed = (): void => {
    if (!subscribed) {
      subscribed = true;
      handlers.onSubscribed();
      return;
    }
    const renewed = realtime.accessTokenValue !== token;
    token = realtime.accessTokenValue;
    if (!renewed) handlers.onResubscribed();
  };
  const onSystem = (payload: unknown): void => {
    const { extension, status, message } = record(payload);
    if (extension === 'postgres_changes' && status === 'ok') onSubscribed();
    else if (extension === 'postgres_changes' && status === 'error') end({ kind: 'subscription-error', message: textOf(message) });
    // Followed by the close it explains.
    else if (extension === 'system' && status === 'error') systemError = textOf(message);
  };
  /** supabase-js tells of the join before its frame is seen here. */
  const onAccepted = (): void => {
    if (joined && bindingIds !== undefined) handlers.onJoined(bindingIds);
  };
  const onReply = ({ ref, payload }: Frame): void => {
    const { status, response } = record(payload);
    if (status === 'error') replyError = response;
    else if (ref === channel.joinPush.ref) {
      bindingIds = idsOf(response);
      onAccepted();
    }
  };
  const onFrame = (frame: Frame): void => {
    if (over || frame.topic !== fullTopic || (frame.joinRef !== null && frame.joinRef !== channel.joinPush.ref)) return;
    if (frame.event === 'system') onSystem(frame.payload);
    else if (frame.event === 'phx_reply') onReply(frame);
    else if (EVENTS.has(frame.event)) handlers.onEvent({ type: frame.event as WireEvent['type'], payload: frame.payload }); // by the set
  };
  const stopObserving = observeSocket(realtime, { onOpen() {}, onClose() {}, onHeartbeat() {}, onFrame });

  channel.subscribe((status: string, error) => {
    if (over) return;
    if (status === 'SUBSCRIBED') {
      joined = true;
      onAccepted();
    } else if (status === 'TIMED_OUT') end({ kind: 'join-timeout' });
    else if (status === 'CLOSED') end({ kind: 'closed', message: systemError });
    else end(errorSignal(error, joined, realtime.isConnected()));
  });

  const push = async (what: string, send: () => Promise<string>): Promise<void> => {
    // supabase-js would send over HTTP, or keep the message for later (https://github.com/supabase/supabase-js/pull/2671).
    if (over || !joined || !realtime.isConnected()) throw new RealtimeError('channel/not-live', `${what} was not sent; "${topic}" is not joined`);
    const result = await send().catch((cause: unknown) => {
      throw new RealtimeError('channel/payload-invalid', `${what} was not sent on "${topic}"; it cannot be encoded`, { cause });
    });
    if (result === 'ok') return;
    if (result === 'timed out') throw new RealtimeError('channel/send-timeout', `${what} was not confirmed on "${topic}"; no permission, or no connection`);
    if (replyError === 'payload_size_exceeded') throw new RealtimeError('channel/payload-too-large', `${what} was refused on "${topic}"; it is too large`);
    throw new RealtimeError('channel/send-rejected', `${what} was refused on "${topic}"; no permission, or a bad payload`);
  };

  return {
    send: (event, payload) => push(`"${event}"`, () => channel.send({ type: 'broadcast', event, payload })),
    track: (state) => push('the presence state', () => channel.track(record(state))),
    untrack: () => push('the end of presence', () => channel.untrack()),
    presenceCalls: [],
    leave: remove,
  };
}

/** The ids that the reply to a join gives its bindings. */
function idsOf(response: unknown): number[] {
  const { postgres_changes: bindings } = record(response);
  return Array.isArray(bindings) ? bindings.map((binding) => Number(record(binding)['id'])) : [];
}

function configure(realtime: SupabaseRealtime, { topic, private: isPrivate, bindings, presence }: JoinRequest): RealtimeChannel {
  const channel = realtime.channel(topic, {
    config: {
      private: isPrivate,
      // Acknowledged, so that a command knows its outcome: supabase-js answers `ok` into a dead socket otherwise.
      broadcast: { ack: true, self: false },
      presence: { key: presence?.key ?? '', enabled: presence !== null },
    },
  });
  silence(channel);
  // The binding makes the server send; what it sends is taken from the frames.
  for (const binding of bindings) channel.on('postgres_changes', binding as { event: '*'; schema: string }, () => undefined); // the overloads want one literal event each
  return channel;
}

/**
 * supabase-js converts every change for its callbacks, which here do nothing with it, copies all who are present at every
 * diff, and throws at what it cannot read. Phoenix lets the owner of a channel say what its listeners get: nothing of this
 * one's, whose frames are read above.
 *
 * @see https://hexdocs.pm/phoenix/js/index.html#channelonmessage
 */
function silence(channel: RealtimeChannel): void {
  const { channelAdapter } = channel as unknown as { channelAdapter?: { updatePayloadTransform?(transform: (event: string, payload: unknown) => unknown): void } }; // not in its types; without it things are only slower
  channelAdapter?.updatePayloadTransform?.((event, payload) => {
    if (event === 'presence_diff') return { joins: {}, leaves: {} };
    return event === 'presence_state' ? {} : payload;
  });
}

function refusedJoin(topic: string, handlers: JoinHandlers): Join {
  const error = (): RealtimeError =>
    new RealtimeError('channel/topic-in-use', `"${topic}" cannot be joined; another channel of this supabase client has that topic`);
  let left = false;
  queueMicrotask(() => {
    if (!left) handlers.onEnded(error());
  });
  const refuse = (): Promise<never> => Promise.reject(error());
  return {
    send: refuse,
    track: refuse,
    untrack: refuse,
    presenceCalls: [],
    leave: () => {
      left = true;
      return Promise.resolve();
    },
  };
}

/** supabase-js reports refused joins, crashed channels and lost sockets alike; the cause tells them apart. */
function errorSignal(error: Error | undefined, joined: boolean, connected: boolean): CloseSignal {
  const { code, reason } = record(error?.cause);
  if (typeof code === 'number') return { kind: 'socket-lost', code };
  if (!connected) return { kind: 'socket-lost', code: null };
  if (joined || reason === 'channel_crash') return { kind: 'crashed', reason: typeof reason === 'string' ? reason : (error?.message ?? 'no reason given') };
  return { kind: 'join-rejected', reason: typeof reason === 'string' ? reason : (error?.message ?? 'no reason given') };
}

/** The value as an object; empty for anything else. */
function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}; // an object has string keys
}
