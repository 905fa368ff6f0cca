import { broadcastPayload } from '../hub/broadcast.ts';
import type { ReplayedMessage } from '../broadcast/messageHistory.ts';
import type { Channel } from './channel.ts';
import { presenceMayBeSent } from './handlePresence.ts';

/** What a channel says by itself once its join was answered: who is present, what was missed, whether changes flow. */
export function announce(channel: Channel, replayed: readonly ReplayedMessage[]): void {
  const { config, reads, room } = channel;
  if (config.presenceEnabled && reads.presence && presenceMayBeSent(channel)) channel.push('presence_state', room.presence.state());
  for (const { id, event, payload } of replayed) {
    channel.push('broadcast', broadcastPayload({ event, payload, meta: JSON.stringify({ id, replayed: true }) }));
  }
  if (config.replicationReady) channel.system('system', 'ok', 'Replication connection established');
  channel.changes.subscribe();
}
