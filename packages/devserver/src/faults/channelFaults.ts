import type { Channel } from '../realtime/channel/channel.ts';
import { expiredText } from '../realtime/tokenTexts.ts';
import { lasting, once, type World } from './fault.ts';
import { parameter } from './parameters.ts';
import { isMeant, type Who } from './who.ts';

export const closeChannels = once({
  summary: 'shuts channels down as the server does: a `system` error with the message, then phx_close',
  parameters: { who: parameter.who, message: parameter.textOr('Too many messages per second', 'text of the `system` error') },
  strike: (world, { who, message }) => {
    const channels = meantChannels(world, who);
    for (const channel of channels) channel.shutDown(message);
    return { channels: channels.length };
  },
});

export const crashChannels = once({
  summary: 'crashes channels: phx_error',
  parameters: { who: parameter.who },
  strike: (world, { who }) => {
    const channels = meantChannels(world, who);
    for (const channel of channels) channel.port.crash(channel, 'crashed by a fault');
    return { channels: channels.length };
  },
});

export const refuseJoins = lasting({
  summary: 'refuses joins that would be good, after the 5 s that the real server takes',
  parameters: {
    who: parameter.who,
    reason: parameter.textOr('ConnectionRateLimitReached: Too many connected users', 'reason in the reply, "Code: text"'),
    probability: parameter.probability,
    count: parameter.count,
    forMs: parameter.forMs,
  },
  begin: ({ realtime }, { who, reason }, run) => realtime.seams.join.insert((join) => (isMeant(who, join) && run.strikes() ? reason : null)),
});

export const expireTokens = lasting({
  summary: 'makes the tokens in use expire now: their channels close, and joins, REST and auth refuse them; tokens signed later hold',
  parameters: { who: parameter.who, forMs: parameter.forMs },
  begin: (world, { who }, run) => {
    const { topic: _, ...person } = who;
    const channels = meantChannels(world, who);
    const users = new Set(channels.map(({ token }) => token.verified.claims.sub));
    // Asked by topic, the people on it are meant, wherever they use their tokens.
    const undo = world.tokens.expire((claims) => isMeant(person, { name: null, caller: { role: String(claims.role), claims } }) && (who.topic === undefined || users.has(claims.sub)));
    for (const channel of meantChannels(world, {})) {
      const { text, verified } = channel.token;
      const agoS = world.tokens.expiredFor(text, verified.claims);
      if (agoS === null) continue;
      channel.shutDown(expiredText(agoS));
      run.hit();
    }
    return undo;
  },
});

export const revokeSessions = once({
  summary: 'ends auth sessions: their refresh tokens are refused, while access tokens hold until they expire',
  parameters: { userId: parameter.text('whose; everybody when left out') },
  strike: async ({ db }, { userId = null }) => {
    const rows = await db.query('delete from auth.sessions where $1::text is null or user_id::text = $1 returning id', [userId]);
    return { sessions: rows.length };
  },
});

function meantChannels({ realtime }: World, who: Who): Channel[] {
  const channels = [...(realtime.run?.sessions ?? [])].flatMap((session) => session.channels);
  return channels.filter((channel) => isMeant(who, { name: channel.name, caller: channel.token.verified }));
}
