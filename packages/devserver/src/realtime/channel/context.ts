import type { Authorization } from '../authorization.ts';
import type { IncomingMessage, OutgoingMessage, Vsn } from '../codec/message.ts';
import type { ChangeFeed } from '../changes/index.ts';
import type { MessageHistory } from '../broadcast/messageHistory.ts';
import type { Hub } from '../hub/hub.ts';
import type { OutFrame } from '../hub/outFrame.ts';
import type { Time } from '../../lib/time.ts';
import type { Logger } from '../../logger.ts';
import type { RealtimeSeams } from '../seams.ts';
import type { Tokens } from '../../tokens/index.ts';
import type { Tenant } from '../tenant/index.ts';

/** What all channels of a server share. */
export interface ChannelContext {
  hub: Hub;
  authorization: Authorization;
  feed: ChangeFeed;
  history: MessageHistory;
  tokens: Tokens;
  logger: Logger;
  time: Time;
  seams: RealtimeSeams;
  tenant: Tenant;
}

/** A socket, as the tenant's limits see it. */
export interface SocketUser {
  /** Topics it is on or joining. */
  readonly topicCount: number;
}

/** A channel's way to its socket. */
export interface ChannelPort {
  readonly user: SocketUser;
  readonly vsn: Vsn;
  /** The socket's own token, for joins that bring none. */
  readonly apiKey: string;
  send(message: OutgoingMessage): void;
  sendFrame(frame: OutFrame): void;
  /** Runs a channel's task in turn with the topic's messages, if it is still there; one that throws crashes that channel only. */
  inTurn(channel: object, task: () => void | Promise<void>): void;
  /** Crashes the channel, as an error of its own would; `why` is for the log. */
  crash(channel: object, why: string): void;
  /** Takes the channel off the socket and says `phx_close`. */
  close(): void;
}

/** A `phx_join` and where it came from. */
export interface JoinRequest {
  context: ChannelContext;
  port: ChannelPort;
  message: IncomingMessage;
  /** With prefix `realtime:`. */
  topic: string;
}
