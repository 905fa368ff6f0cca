import { createFakeClient } from '@ruwad/binding-conformance/fakeClient';
import { cleanup } from '@testing-library/vue';
import { afterEach, expect, it } from 'vitest';
import { inSetup } from '../test/inSetup.ts';
import { useConnectionHealth } from './useConnectionHealth.ts';

afterEach(cleanup);

it('tells the state of the socket and reconnects', () => {
  const fake = createFakeClient();
  const { result } = inSetup(useConnectionHealth, fake.client);
  expect(result.isConnected.value).toBe(false);
  expect(result.connectionStatus.value).toMatchObject({ status: 'idle', lastConnected: null, reconnectAttempts: 0 });
  fake.connection.set({ status: 'reconnecting', since: 2_000, lost: false, attempt: 3, nextRetryAt: 5_000, latencyMs: 12, lastConnectedAt: 1_000, reason: null });
  expect(result.connectionStatus.value).toEqual({ status: 'reconnecting', lastConnected: new Date(1_000), reconnectAttempts: 3, latencyMs: 12, nextRetryAt: 5_000 });
  expect(result.isLost.value).toBe(false);
  fake.connection.set({ ...fake.connection.get(), lost: true });
  expect(result.isLost.value).toBe(true);
  fake.connection.set({ ...fake.connection.get(), status: 'open' });
  expect(result.isConnected.value).toBe(true);
  result.reconnect();
  expect(fake.reconnects()).toBe(1);
});
