import type { Caller } from '../../database/database.ts';
import type { VerifiedToken } from '../../tokens/index.ts';
import type { ReplayedMessage } from '../broadcast/messageHistory.ts';
import type { Rights } from '../hub/hub.ts';
import { joinText } from '../tokenTexts.ts';
import type { ChannelContext, JoinRequest } from './context.ts';
import { readJoinConfig, type JoinConfig } from './joinConfig.ts';
import { limitJoin } from './joinLimits.ts';
import { JoinRefused } from './joinRefused.ts';

export const PREFIX = 'realtime:';

/** A token in use, as text and verified. */
export interface HeldToken {
  text: string;
  verified: VerifiedToken;
}

/** What an admitted join starts with. */
export interface Admission {
  config: JoinConfig;
  token: HeldToken;
  reads: Rights;
  replayed: ReplayedMessage[];
}

const ALL_RIGHTS: Rights = { broadcast: true, presence: true };

/**
 * Decides on a join: topic, payload, limits, token, policies, replay, in this order.
 * @throws JoinRefused with the text the client is told.
 */
export async function admit({ context, port, message, topic }: JoinRequest): Promise<Admission> {
  const name = topic.slice(PREFIX.length);
  if (name === '') throw new JoinRefused('TopicNameRequired: You must provide a topic name');
  const config = readJoinConfig(message.payload, topic);
  if (context.tenant.settings.presenceEnabled) config.presenceEnabled = true;
  limitJoin(context.tenant, port.user, config);
  const text = config.accessToken ?? port.apiKey;
  const result = await context.tokens.verify(text);
  if (!result.ok) throw new JoinRefused(joinText(result.failure));
  const reads = await readRights(context, { name, config, caller: result.token });
  if (reads === null) throw new JoinRefused(`Unauthorized: ${noReadText(name)}`);
  return { config, token: { text, verified: result.token }, reads, replayed: await replayedMessages(context, { name, config, reads }) };
}

/** What a caller may read on a topic, or `null` when that is not enough to be on it. */
export async function readRights(context: ChannelContext, { name, config, caller }: { name: string; config: Pick<JoinConfig, 'isPrivate' | 'presenceEnabled'>; caller: Caller }): Promise<Rights | null> {
  if (!config.isPrivate) return ALL_RIGHTS;
  const rights = await context.authorization.read(caller, name);
  return rights.broadcast || (rights.presence && config.presenceEnabled) ? rights : null;
}

/** What a caller may write on a topic. */
export function writeRights(context: ChannelContext, { name, isPrivate, caller }: { name: string; isPrivate: boolean; caller: Caller }): Rights | Promise<Rights> {
  return isPrivate ? context.authorization.write(caller, name) : ALL_RIGHTS;
}

/** Said to those who may read neither broadcasts nor presence. */
export function noReadText(name: string): string {
  return `You do not have permissions to read from this Channel topic: ${name}`;
}

async function replayedMessages(context: ChannelContext, { name, config, reads }: { name: string; config: JoinConfig; reads: Rights }): Promise<ReplayedMessage[]> {
  const { replay, isPrivate } = config;
  if (replay === null) return [];
  if (!isPrivate) throw new JoinRefused('UnableToReplayMessages: Replay is not allowed for public channels');
  if (replay === 'invalid') throw new JoinRefused('UnableToReplayMessages: Replay params are not valid');
  return reads.broadcast ? context.history.replay(name, replay) : [];
}
