import { createFakeClient } from '@ruwad/binding-conformance/fakeClient';
import { cleanup, render, renderHook } from '@testing-library/react';
import { renderToString } from 'react-dom/server';
import { afterEach, expect, it } from 'vitest';
import { RealtimeProvider, useRealtime } from './RealtimeProvider.tsx';

afterEach(cleanup);

it('gives the client of the nearest provider', () => {
  const [outer, inner] = [createFakeClient().client, createFakeClient().client];
  const { result } = renderHook(useRealtime, {
    wrapper: ({ children }) => (
      <RealtimeProvider client={outer}>
        <RealtimeProvider client={inner}>{children}</RealtimeProvider>
      </RealtimeProvider>
    ),
  });
  expect(result.current).toBe(inner);
});

it('says what is missing outside a provider', () => {
  const Orphan = () => <>{useRealtime().user?.name}</>;
  // Rendered to a string, since a client render also logs what it throws.
  expect(() => renderToString(<Orphan />)).toThrow(expect.objectContaining({ name: 'RealtimeError', code: 'client/missing', message: expect.stringContaining('<RealtimeProvider') as string }));
});

it('starts the client in a page: an outbox sends what earlier pages left', () => {
  const { client, starts } = createFakeClient();
  render(<RealtimeProvider client={client} />);
  expect(starts()).toBeGreaterThan(0);
});
