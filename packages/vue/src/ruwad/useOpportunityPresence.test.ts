import { createFakeClient } from '@ruwad/binding-conformance/fakeClient';
import { createStore, type RealtimeClient } from '@ruwad/realtime-core';
import { cleanup } from '@testing-library/vue';
import { computed } from 'vue';
import { afterEach, expect, it } from 'vitest';
import { inSetup } from '../../test/inSetup.ts';
import { useOpportunityPresence } from './useOpportunityPresence.ts';

afterEach(cleanup);

it('asks again whether someone is online or edits a field when that has changed', () => {
  const store = createStore({ onlineUsers: [] as string[], editedFields: {} });
  const actions = {
    isUserOnline: (userId: string) => store.get().onlineUsers.includes(userId),
    isFieldBeingEdited: (fieldName: string) => fieldName in store.get().editedFields,
  };
  // The real feature needs a server; its two questions read the store behind Vue's back just so.
  const client = { ...createFakeClient().client, feature: () => ({ store, actions }) } as RealtimeClient;
  const { result } = inSetup(() => {
    const { isUserOnline, isFieldBeingEdited } = useOpportunityPresence('1');
    return { online: computed(() => isUserOnline('omar')), edited: computed(() => isFieldBeingEdited('budget')) };
  }, client);
  expect([result.online.value, result.edited.value]).toEqual([false, false]);
  store.set({ onlineUsers: ['omar'], editedFields: { budget: 'omar' } });
  expect([result.online.value, result.edited.value]).toEqual([true, true]);
});
