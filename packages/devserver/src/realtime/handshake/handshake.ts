import type { IncomingMessage as HttpRequest } from 'node:http';
import { codecFor } from '../codec/index.ts';
import type { Codec } from '../codec/message.ts';
import type { Tokens, VerifiedToken } from '../../tokens/index.ts';
import type { Tenant } from '../tenant/index.ts';
import { handshakeText } from '../tokenTexts.ts';

/** What a handshake leads to: a socket, or an HTTP answer, which is held back when `held`. */
export type Handshake = { ok: true; codec: Codec; apiKey: string; caller: VerifiedToken } | { ok: false; status: 401 | 403 | 404 | 429; body: string; held: boolean };

const PATHS = new Set(['/realtime/v1/websocket', '/socket/websocket']);
const TENANT = 'realtime-dev';
const BASE = 'http://localhost';

/** Whether a request asks for the Realtime socket. */
export function isRealtimeSocket(request: HttpRequest): boolean {
  return PATHS.has(urlOf(request).pathname);
}

/** Judges a handshake: protocol version, tenant, API key, then limits, in this order. */
export async function shakeHands(request: HttpRequest, { tokens, tenant }: { tokens: Tokens; tenant: Tenant }): Promise<Handshake> {
  const { searchParams } = urlOf(request);
  const codec = codecFor(searchParams.get('vsn'));
  if (!codec) return { ok: false, status: 403, body: '', held: false };
  if (!isKnownTenant(request.headers.host)) return refusal(404, 'Tenant not found');
  if (tenant.settings.suspend) return refusal(403, 'Realtime was disabled for this tenant');
  const apiKey = searchParams.get('apikey') ?? headerOf(request, 'x-api-key');
  if (apiKey === null) return refusal(401, 'API key is missing');
  const verified = await tokens.verify(apiKey);
  if (!verified.ok) return refusal(401, handshakeText(verified.failure));
  tenant.start();
  if (tenant.isFull()) return refusal(429, 'Too many connected users');
  if (tenant.rates.maxJoinsPerSecond.exceeded) return refusal(429, 'Too many joins per second');
  return { ok: true, codec, apiKey, caller: verified.token };
}

function refusal(status: 401 | 403 | 404 | 429, error: string): Handshake {
  return { ok: false, status, body: JSON.stringify({ error }), held: true };
}

/** The real server finds its tenant by the first label of the host. Here every host is the one tenant, but for other labels of `localhost`. */
function isKnownTenant(host: string | undefined): boolean {
  const label = /^([^.:]+)\.localhost(?::\d+)?$/i.exec(host ?? '')?.[1];
  return label === undefined || label === TENANT;
}

function headerOf(request: HttpRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}

function urlOf(request: HttpRequest): URL {
  // A path such as `//` makes no URL; it asks for nothing we have.
  const asked = request.url ?? '/';
  return new URL(URL.canParse(asked, BASE) ? asked : '/', BASE);
}
