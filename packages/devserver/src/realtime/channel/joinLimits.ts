import type { Tenant } from '../tenant/index.ts';
import type { SocketUser } from './context.ts';
import { JoinRefused } from './joinRefused.ts';

/**
 * Holds a join against the tenant's settings, in the real server's order; one that passes is counted.
 * @throws JoinRefused
 */
export function limitJoin(tenant: Tenant, user: SocketUser, { isPrivate }: { isPrivate: boolean }): void {
  const { settings, rates, log, users } = tenant;
  if (settings.suspend) throw new JoinRefused('RealtimeDisabledForTenant: Realtime disabled for this tenant');
  if (settings.privateOnly && !isPrivate) throw new JoinRefused('PrivateOnly: This project only allows private channels');
  if (!users.has(user) && tenant.isFull()) throw new JoinRefused('ConnectionRateLimitReached: Too many connected users');
  if (rates.maxJoinsPerSecond.exceeded) throw new JoinRefused('ClientJoinRateLimitReached: Too many joins per second', { closesSocket: true });
  rates.maxJoinsPerSecond.count();
  if (user.topicCount <= settings.maxChannelsPerClient) return;
  log.reached('maxChannelsPerClient', settings.maxChannelsPerClient);
  throw new JoinRefused('ChannelRateLimitReached: Too many channels');
}
