import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createManualClock } from '../src/testing/index.ts';
import { Play, type Stage } from './sessions/play.ts';
import { limited, unlimited } from './sessions/session.ts';
import { deepRuns } from './support/deep.ts';
import { startRealtimeBackend } from './support/realtimeServer.ts';

const SETUP = `
create table items (id int primary key, n int);
alter publication supabase_realtime add table items;
create policy b_select on realtime.messages for select to authenticated using (realtime.topic() like '%-b');
create policy b_insert on realtime.messages for insert to authenticated with check (realtime.topic() like '%-b');
`;

describe('random sessions of several sockets in both versions', () => {
  let stage: Stage;
  beforeAll(async () => {
    const clock = createManualClock();
    stage = { clock, backend: await startRealtimeBackend({ setup: SETUP, clock, timeScale: 1 }) };
  });
  afterAll(() => stage.backend.close());

  it.each([
    ['are answered push by push in order, hear everything exactly once, and nothing after the end', unlimited, { usual: 40, deep: 300 }],
    ['are refused, closed or not told, as the limit they reach has it, and then nobody else', limited, { usual: 60, deep: 300 }],
  ])('%s', async (_what, sessions, runs) => {
    const property = fc.asyncProperty(sessions, (session) => Play.all(stage, session));
    // A failure, or something promised that never comes, prints seed and path; replay with `fc.assert(property, { seed, path })`.
    await fc.assert(property, { numRuns: deepRuns(runs), timeout: 10_000, endOnFailure: true });
  }, deepRuns({ usual: 60_000, deep: 300_000 }));
});
