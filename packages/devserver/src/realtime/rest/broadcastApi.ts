import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Caller } from '../../database/database.ts';
import type { Tokens } from '../../tokens/index.ts';
import type { Authorization } from '../authorization.ts';
import { parseJson } from '../codec/parseJson.ts';
import { broadcastPayload, textBroadcast, userBroadcast, type Broadcast, type UserBroadcast } from '../hub/broadcast.ts';
import type { Hub } from '../hub/hub.ts';
import { LIMITS } from '../limits.ts';
import type { Tenant } from '../tenant/index.ts';
import { readPostedMessages, type PostedMessage } from './broadcastRequest.ts';

/** What the REST broadcast needs of its server. */
export interface BroadcastApiOptions {
  /** The rooms; `null` while the server is down. */
  hub: () => Hub | null;
  authorization: Authorization;
  tokens: Tokens;
  tenant: Tenant;
}

const UNSUPPORTED = 'Unsupported Media Type. Use application/json or application/octet-stream';

/**
 * Broadcasts over HTTP: `POST /broadcast` for a list of messages, `POST /broadcast/:topic/events/:event` for one.
 * Topics come without the prefix `realtime:`. Accepted is 202 and empty, whether anybody listens or not.
 */
export function createBroadcastApi({ hub, authorization, tokens, tenant }: BroadcastApiOptions): Hono {
  const publish = (topic: string, isPrivate: boolean, broadcast: Broadcast): void => {
    tenant.rates.maxEventsPerSecond.count();
    hub()?.room(`realtime:${topic}`, isPrivate)?.publish(broadcast, { about: 'broadcast' });
  };

  const mayWrite = async (caller: Caller, topic: string, isPrivate: boolean): Promise<boolean> =>
    !isPrivate || (await authorization.write(caller, topic)).broadcast;

  const api = new Hono();
  api.use(bodyLimit({ maxSize: LIMITS.maxBodyBytes, onError: (c) => c.json({ message: 'Request body is too large' }, 413, { connection: 'close' }) }));
  // What the gateway answers in place of a service that does not.
  api.use((c, next) => (hub() === null ? Promise.resolve(c.json({ message: 'An invalid response was received from the upstream server' }, 502)) : next()));
  api.get('/ping', (c) => c.json({ message: 'Success' }));

  api.post('/broadcast', async (c) => {
    const caller = await callerOf(c, tokens);
    if (!caller) return c.json({ message: 'Unauthorized' }, 401);
    const posted = readPostedMessages(await c.req.text(), tenant);
    if (!posted.ok) return posted.errors === 'not-json' ? c.html('Bad Request', 400) : c.json({ errors: posted.errors }, 422);
    const refusal = rateRefusal(tenant, posted.messages.length);
    if (refusal !== null) return c.json({ message: refusal }, 429);
    // Asked once per topic of a request, however many messages it holds.
    const rights = new Map<string, Promise<boolean>>();
    for (const message of posted.messages) {
      const key = `${message.isPrivate} ${message.topic}`;
      const allowed = rights.get(key) ?? mayWrite(caller, message.topic, message.isPrivate);
      rights.set(key, allowed);
      // A message nobody allowed is dropped without a word.
      if (await allowed) publish(message.topic, message.isPrivate, broadcastOf(message));
    }
    return c.body(null, 202);
  });

  api.post('/broadcast/:topic/events/:event', async (c) => {
    const caller = await callerOf(c, tokens);
    if (!caller) return c.json({ message: 'Unauthorized' }, 401);
    const { topic, event } = c.req.param();
    const content = await contentOf(c);
    if (content === 'unsupported') return c.json({ error: UNSUPPORTED }, 415);
    if (content === 'not-json') return c.html('Bad Request', 400);
    const refusal = rateRefusal(tenant, 1);
    if (refusal !== null) return c.json({ message: refusal }, 429);
    const isPrivate = c.req.query('private') === 'true';
    if (!(await mayWrite(caller, topic, isPrivate))) return c.json({ message: 'Unauthorized' }, 403);
    publish(topic, isPrivate, userBroadcast({ topic: `realtime:${topic}`, event: Buffer.from(event), ...content }));
    return c.body(null, 202);
  });

  return api;
}

/** What a request with so many messages is refused with, if it is. */
function rateRefusal({ rates, settings }: Tenant, messages: number): string | null {
  const { average, exceeded } = rates.maxEventsPerSecond;
  if (exceeded) return 'You have exceeded your rate limit';
  return average + messages > settings.maxEventsPerSecond ? 'Too many messages to broadcast, please reduce the batch size' : null;
}

function broadcastOf({ topic, event, payload, id }: PostedMessage): Broadcast {
  const meta = id === null ? '' : JSON.stringify({ id });
  return textBroadcast(JSON.stringify(`realtime:${topic}`), 'broadcast', broadcastPayload({ event, payload, meta }));
}

async function contentOf(c: Context): Promise<Pick<UserBroadcast, 'encoding' | 'bytes'> | 'unsupported' | 'not-json'> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'application/json';
  const bytes = Buffer.from(await c.req.arrayBuffer());
  if (type === 'application/octet-stream') return { encoding: 'binary', bytes };
  if (type !== 'application/json') return 'unsupported';
  if (bytes.length === 0) return { encoding: 'json', bytes: Buffer.from('{}') };
  const text = bytes.toString();
  const value = parseJson(text);
  if (value === undefined) return 'not-json';
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  // The real server's body parser wraps what is no object.
  return { encoding: 'json', bytes: Buffer.from(isObject ? text : `{"_json":${text}}`) };
}

async function callerOf(c: Context, tokens: Tokens): Promise<Caller | null> {
  const authorization = c.req.header('authorization');
  const bearer = authorization === undefined ? undefined : (/^Bearer (.+)$/i.exec(authorization)?.[1] ?? '');
  const result = await tokens.verify(bearer ?? c.req.header('apikey'));
  return result.ok ? result.token : null;
}
