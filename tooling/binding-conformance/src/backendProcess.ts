/**
 * A dev server in a process of its own, so that the DOM globals of the tests do not reach it.
 * Messages in: `{ id, query, params }`, run as SQL outside row level security, or `'close'`.
 * Messages out: first the address and keys, then `{ id, rows }` or `{ id, error }`.
 */
import { fileURLToPath } from 'node:url';
import { createTestBackend } from '@ruwad/realtime-devserver/testing';

export interface Address {
  url: string;
  anonKey: string;
}
interface SqlRequest {
  id: number;
  query: string;
  params: unknown[];
}
export type SqlReply = { id: number; rows: unknown[] } | { id: number; error: string };

const supabase = (path: string) => fileURLToPath(new URL(`../../../supabase/${path}`, import.meta.url));

const backend = await createTestBackend({ migrations: supabase('migrations'), seed: supabase('seed.sql') });
const reply = (message: Address | SqlReply) => process.send?.(message);

process.on('message', (message: SqlRequest | 'close') => {
  if (message === 'close') {
    void backend.close().then(() => process.exit(0));
    return;
  }
  const { id, query, params } = message;
  backend.sql(query, params).then(
    (rows) => reply({ id, rows }),
    (error: unknown) => reply({ id, error: String(error) }),
  );
});
// The tests died: nobody is left to serve.
process.on('disconnect', () => process.exit(1));

reply({ url: backend.url, anonKey: backend.anonKey });
