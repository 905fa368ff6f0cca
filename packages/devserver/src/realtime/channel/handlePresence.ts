import { sliceObject } from '../codec/jsonSlices.ts';
import type { IncomingMessage } from '../codec/message.ts';
import type { Channel } from './channel.ts';

/**
 * Tracks or untracks this channel. Events are compared without case; a message without event does nothing, as does
 * one that is no object.
 * @throws TypeError when the event is not a string, which crashes the channel as it does on the real server.
 */
export function handlePresence(channel: Channel, message: IncomingMessage): void | Promise<void> {
  const { payload } = message;
  const value = payload.kind === 'json' ? payload.value : null;
  if (typeof value !== 'object' || value === null || !('event' in value)) return channel.reply(message, 'ok');
  if (typeof value.event !== 'string') throw new TypeError('the event of a presence message is not a string');

  switch (value.event.toLowerCase()) {
    case 'track':
      return track(channel, message);
    case 'untrack':
      channel.reply(message, 'ok');
      return channel.publishPresence(channel.room.presence.untrack(channel));
    default:
      return channel.reply(message, 'error');
  }
}

function track(channel: Channel, message: IncomingMessage): void | Promise<void> {
  const rights = channel.writes();
  if (!(rights instanceof Promise)) return trackAllowed(channel, message);
  return rights.then(({ presence }) => {
    if (channel.detached) return;
    if (presence) trackAllowed(channel, message);
    else channel.reply(message, 'error');
  });
}

function trackAllowed(channel: Channel, message: IncomingMessage): void {
  const meta = message.payload.kind === 'json' ? (sliceObject(message.payload.json)?.get('payload') ?? '{}') : '{}';
  if (!meta.startsWith('{')) return channel.reply(message, 'error', '{"reason":"Presence track payload must be a map"}');
  const { tenant } = channel.context;
  if (Buffer.byteLength(meta) > tenant.maxPayloadBytes) return channel.shutDown('Track message size exceeded');
  if (!channel.presenceCalls.allow()) {
    tenant.log.reached('maxClientPresenceEventsPerWindow', channel.presenceCalls.max);
    return channel.shutDown('Client presence rate limit exceeded');
  }
  if (!presenceMayBeSent(channel)) return;
  const diff = channel.room.presence.track(channel, channel.presenceKey, meta);
  channel.reply(message, 'ok');
  channel.publishPresence(diff);
}

/** Counts a presence message; over the tenant's rate the channel is closed instead. */
export function presenceMayBeSent(channel: Channel): boolean {
  const { maxPresenceEventsPerSecond } = channel.context.tenant.rates;
  if (maxPresenceEventsPerSecond.exceeded) channel.shutDown('Too many presence messages per second');
  else maxPresenceEventsPerSecond.count();
  return !maxPresenceEventsPerSecond.exceeded;
}
