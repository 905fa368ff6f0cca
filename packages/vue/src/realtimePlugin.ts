import { RealtimeError, type RealtimeClient } from '@ruwad/realtime-core';
import { hasInjectionContext, inject, onMounted, provide, type InjectionKey, type Plugin } from 'vue';

const realtimeKey: InjectionKey<RealtimeClient> = Symbol('realtime');

/**
 * A plugin that gives every component of an app the realtime client: `app.use(createRealtime(client))`.
 * It opens no socket by itself: the first mounted composable does. In a page it has the client's outbox, if there is one, send
 * what earlier pages left.
 *
 * @param client - the client of the signed-in user, from `createRealtimeClient`; the app disposes it on sign-out.
 */
export function createRealtime(client: RealtimeClient): Plugin {
  return {
    install(app) {
      app.provide(realtimeKey, client);
      if (typeof window !== 'undefined') client.start();
    },
  };
}

/** Gives the components below the calling one a realtime client, in place of the app's. Call it in `setup`. */
export function provideRealtime(client: RealtimeClient): void {
  provide(realtimeKey, client);
  onMounted(() => { client.start(); });
}

/**
 * The nearest realtime client. Call it in `setup`, or where `inject` works.
 *
 * @throws RealtimeError `client/missing` when no client was provided.
 */
export function useRealtime(): RealtimeClient {
  const client = hasInjectionContext() ? inject(realtimeKey, null) : null;
  if (client === null) {
    throw new RealtimeError('client/missing', 'No realtime client here; call app.use(createRealtime(client)) and use this in setup');
  }
  return client;
}
