import { pushBroadcast, textBroadcast, userBroadcast, type Broadcast } from '../hub/broadcast.ts';
import type { IncomingMessage } from '../codec/message.ts';
import type { Channel } from './channel.ts';

/** Relays a broadcast to the room. Without the right to write there is no answer, not even when one was asked for. */
export function handleBroadcast(channel: Channel, message: IncomingMessage): void | Promise<void> {
  const rights = channel.writes();
  if (!(rights instanceof Promise)) return relay(channel, message);
  return rights.then(({ broadcast }) => {
    if (broadcast && !channel.detached) relay(channel, message);
  });
}

function relay(channel: Channel, message: IncomingMessage): void {
  const { config, room, context } = channel;
  context.tenant.rates.maxEventsPerSecond.count();
  if (sizeOf(message) > context.tenant.maxPayloadBytes) {
    if (config.ack) channel.reply(message, 'error', '"payload_size_exceeded"');
    return;
  }
  const except = config.self ? undefined : channel;
  if (!isObject(message) && room.reachesVersion2(except)) {
    throw new Error('a broadcast that is not an object cannot be encoded for version 2');
  }
  room.publish(broadcastOf(message), { about: 'broadcast', except });
  if (config.ack) channel.reply(message, 'ok');
}

function broadcastOf({ payload, topic, topicJson }: IncomingMessage): Broadcast {
  switch (payload.kind) {
    case 'json':
      return textBroadcast(topicJson, 'broadcast', payload.json);
    case 'binary':
      return pushBroadcast(topic ?? '', payload.bytes);
    case 'broadcast':
      return userBroadcast({ topic: topic ?? '', ...payload });
  }
}

function isObject({ payload }: IncomingMessage): boolean {
  return payload.kind !== 'json' || (typeof payload.value === 'object' && payload.value !== null && !Array.isArray(payload.value));
}

function sizeOf({ payload }: IncomingMessage): number {
  return payload.kind === 'json' ? Buffer.byteLength(payload.json) : payload.bytes.length;
}
