import { decodeFrame } from '@ruwad/realtime-core';
import { createClient } from '@supabase/supabase-js';
import { config } from '../config.ts';

const STORAGE_KEY = 'ruwad-session';

/** Removes the session of this tab, whatever the server thinks of it. */
export function forgetSession(storage: Storage = sessionStorage): void {
  storage.removeItem(STORAGE_KEY);
}

/**
 * The app's Supabase client. The session lives in this tab alone, so that every tab can be another person.
 *
 * supabase-js tells other tabs about a sign-in over a BroadcastChannel named after the storage key, and they adopt the
 * token. The key is therefore different on every page, while the storage behind it strips the difference again.
 */
export function createSupabase(storage: Storage = sessionStorage) {
  const page = `.${crypto.randomUUID()}`;
  const inTab = (key: string) => key.replace(page, '');
  return createClient(config.url, config.anonKey, {
    auth: {
      storageKey: STORAGE_KEY + page,
      storage: {
        getItem: (key) => storage.getItem(inTab(key)),
        setItem: (key, value) => storage.setItem(inTab(key), value),
        removeItem: (key) => storage.removeItem(inTab(key)),
      },
      detectSessionInUrl: false,
    },
    realtime: { decode: decodeFrame },
  });
}
