import { createFakeClient } from '@ruwad/binding-conformance/fakeClient';
import { cleanup, render } from '@testing-library/vue';
import { createApp, defineComponent, h } from 'vue';
import { afterEach, expect, it } from 'vitest';
import { inSetup } from '../test/inSetup.ts';
import { createRealtime, provideRealtime, useRealtime } from './realtimePlugin.ts';

afterEach(cleanup);

const missing = expect.objectContaining({ name: 'RealtimeError', code: 'client/missing' }) as Error;

it('gives the client of the app', () => {
  const { client } = createFakeClient();
  expect(inSetup(useRealtime, client).result).toBe(client);
  const app = createApp({}).use(createRealtime(client));
  expect(app.runWithContext(useRealtime)).toBe(client);
});

it('gives the client of the nearest component that provides one', () => {
  const [outer, inner] = [createFakeClient().client, createFakeClient().client];
  let seen: unknown;
  const child = defineComponent(() => {
    seen = useRealtime();
    return () => null;
  });
  const parent = defineComponent(() => {
    provideRealtime(inner);
    return () => h(child);
  });
  render(parent, { global: { plugins: [createRealtime(outer)] } });
  expect(seen).toBe(inner);
});

it('says what is missing without a client, and outside setup', () => {
  inSetup(() => {
    expect(() => useRealtime()).toThrow(missing);
  });
  expect(() => useRealtime()).toThrow(missing);
});

it('starts the client in a page: an outbox sends what earlier pages left', () => {
  const [outer, inner] = [createFakeClient(), createFakeClient()];
  const child = defineComponent(() => {
    provideRealtime(inner.client);
    return () => null;
  });
  render(child, { global: { plugins: [createRealtime(outer.client)] } });
  expect([outer.starts(), inner.starts()]).toEqual([1, 1]);
});
