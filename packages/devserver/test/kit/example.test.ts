import { createTestBackend } from '@ruwad/realtime-devserver/testing';
import { expect, test } from 'vitest';

test('an approval reaches the owner of the idea', async () => {
  const backend = await createTestBackend(); // runs supabase/migrations and supabase/seed.sql, in memory
  const sara = await backend.signIn('sara@ruwad.example', 'ruwad-demo'); // an unmodified supabase-js client
  const channel = sara.channel('my-ideas');
  const updates = backend.record(channel, 'postgres_changes', { event: 'UPDATE', schema: 'public', table: 'ideas' });
  await backend.waitForSubscribed(channel);

  await backend.sql`update ideas set status = ${'approved'} where title_ar is not null`; // as superuser
  expect((await updates.next()).new).toMatchObject({ status: 'approved' });
  await backend.close();
}, 20_000); // the first start of all runs the migrations; later ones copy the result
