import { expect, it } from 'vitest';
import { connectionHealth } from './connectionHealth.ts';

it('is connected only while the socket is open', () => {
  const state = { since: 2_000, lost: false, attempt: 3, nextRetryAt: 5_000, latencyMs: 12, lastConnectedAt: 1_000, reason: null };
  const all = (['idle', 'connecting', 'open', 'reconnecting', 'offline', 'closed'] as const).map((status) => connectionHealth({ ...state, status }));
  expect(all.map(({ isConnected }) => isConnected)).toEqual([false, false, true, false, false, false]);
  expect(all[3]?.connectionStatus).toEqual({ status: 'reconnecting', lastConnected: new Date(1_000), reconnectAttempts: 3, latencyMs: 12, nextRetryAt: 5_000 });
});

it('was never connected before the first time', () => {
  const { connectionStatus } = connectionHealth({ status: 'idle', since: 0, lost: false, attempt: 0, nextRetryAt: null, latencyMs: null, lastConnectedAt: null, reason: null });
  expect(connectionStatus.lastConnected).toBeNull();
});

it('is lost when the connection says so, which is later than when it reconnects', () => {
  const state = { since: 2_000, attempt: 3, nextRetryAt: null, latencyMs: null, lastConnectedAt: 1_000, reason: null, status: 'reconnecting' } as const;
  expect([false, true].map((lost) => connectionHealth({ ...state, lost }).isLost)).toEqual([false, true]);
});
