import type { IncomingMessage } from '../codec/message.ts';
import { closingText } from '../tokenTexts.ts';
import { noReadText, readRights } from './admit.ts';
import type { Channel } from './channel.ts';
import { usableToken } from './joinConfig.ts';

/**
 * Takes a refreshed token. Never answered: a token that counts for nothing or is in use already changes nothing; one
 * that is not valid, or may not read here, closes the channel.
 */
export async function handleAccessToken(channel: Channel, { payload }: IncomingMessage): Promise<void> {
  const params = payload.kind === 'json' ? payload.value : null;
  const sent = typeof params === 'object' && params !== null && 'access_token' in params ? params.access_token : null;
  const text = usableToken(sent);
  if (text === null || text === channel.token.text) return;

  const { context, config, name } = channel;
  const result = await context.tokens.verify(text);
  if (!result.ok) return channel.shutDown(closingText(result.failure));
  const reads = await readRights(context, { name, config, caller: result.token });
  if (reads === null) return channel.shutDown(noReadText(name));

  channel.become({ text, verified: result.token }, reads);
}
