import { createFakeClient } from '@ruwad/binding-conformance/fakeClient';
import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { RealtimeProvider } from './RealtimeProvider.tsx';
import { useConnectionHealth } from './useConnectionHealth.ts';

afterEach(cleanup);

it('tells the state of the socket and reconnects', () => {
  const fake = createFakeClient();
  const { result } = renderHook(useConnectionHealth, { wrapper: ({ children }) => <RealtimeProvider client={fake.client}>{children}</RealtimeProvider> });
  expect(result.current).toMatchObject({ isConnected: false, connectionStatus: { status: 'idle', lastConnected: null, reconnectAttempts: 0 } });
  act(() => fake.connection.set({ status: 'reconnecting', since: 2_000, lost: false, attempt: 3, nextRetryAt: 5_000, latencyMs: 12, lastConnectedAt: 1_000, reason: null }));
  expect(result.current.connectionStatus).toEqual({ status: 'reconnecting', lastConnected: new Date(1_000), reconnectAttempts: 3, latencyMs: 12, nextRetryAt: 5_000 });
  act(() => fake.connection.set({ ...fake.connection.get(), status: 'open' }));
  expect(result.current.isConnected).toBe(true);
  result.current.reconnect();
  expect(fake.reconnects()).toBe(1);
});
