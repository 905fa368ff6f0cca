import { createClient } from '@supabase/supabase-js';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { addNote } from '../../../test/support/testOutbox.ts';
import { outbox } from '../../outbox/outbox.ts';
import { createRealtimeClient } from '../../realtimeClient.ts';
import { ruwadActions } from '../actions/index.ts';
import { createBookmarks } from './bookmarks.ts';

const ITEM = '22222222-2222-4222-8222-222222222222';
const OUTBOXES = [
  ['without an outbox', 'done', undefined],
  ['with an outbox that has other actions only', 'done', outbox({ actions: [addNote] })],
  ['with an outbox that has its actions', 'stored', outbox({ actions: ruwadActions })],
] as const;

test.for(OUTBOXES)('%s a feature\'s write resolves once it is %s', async ([, expected, queue]) => {
  const requests: unknown[] = [];
  const supabase = createClient('http://fake.test', 'key', {
    realtime: { transport: WebSocket as never }, // its constructor takes more than supabase-js asks of one
    global: {
      fetch(input) {
        requests.push(input);
        return Promise.resolve(Response.json({}, { status: 201 }));
      },
    },
  });
  const realtime = createRealtimeClient({ supabase, user: { id: '11111111-1111-4111-8111-111111111111', name: 'Sara' }, outbox: queue });
  await realtime.feature(createBookmarks, undefined).actions.addBookmark(ITEM, 'idea');
  const stored = realtime.hasOutbox ? realtime.outbox.store.get().pending.length : 0;
  expect([requests.length, stored]).toEqual(expected === 'done' ? [1, 0] : [0, 1]);
  await realtime.dispose();
});
