import { createClient } from '@supabase/supabase-js';
import { createRealtimeClient, decodeFrame, defineChannel } from '@ruwad/realtime-core';
import * as z from 'zod/mini'; // or any other Standard Schema

const room = defineChannel({
  name: 'room',
  topic: ({ roomId }: { roomId: string }) => `room:${roomId}`,
  tables: {
    messages: {
      row: z.object({ id: z.string(), body: z.string(), created_at: z.string() }),
      filter: ({ roomId }) => ({ column: 'room_id', operator: 'eq', value: roomId }),
    },
  },
  broadcasts: { typing: z.object({ name: z.string() }) },
});

const supabase = createClient('https://project.supabase.co', 'anon-key', { realtime: { decode: decodeFrame } });
const realtime = createRealtimeClient({ supabase });
const channel = realtime.channel(room, { roomId: '1' });
const messages = realtime.live({ channel, table: 'messages', orderBy: { column: 'created_at' }, limit: 50 });

messages.store.value$.subscribe(({ status, rows }) => console.log(status, rows.map((row) => row.body)));
channel.broadcast$('typing').subscribe(({ payload }) => console.log(`${payload.name} is typing`));
await channel.send('typing', { name: 'Sara' });
await realtime.dispose();
