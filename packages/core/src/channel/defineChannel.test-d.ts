import * as z from 'zod/mini';
import { defineChannel, type BroadcastOf, type ParamsArgs, type PresenceOf, type RowOf, type TableNames } from './defineChannel.ts';

const room = defineChannel({
  name: 'room',
  topic: ({ roomId }: { roomId: string }) => `room:${roomId}`,
  tables: { messages: { row: z.object({ id: z.string(), body: z.string() }), filter: ({ roomId }) => ({ column: 'room_id', operator: 'eq', value: roomId }) } },
  broadcasts: { typing: z.object({ by: z.string() }) },
  presence: z.object({ name: z.string() }),
});
const plain = defineChannel({ name: 'plain', topic: 'plain' });

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

holds<Equal<RowOf<typeof room, 'messages'>, { id: string; body: string }>>();
holds<Equal<BroadcastOf<typeof room, 'typing'>, { by: string }>>();
holds<Equal<PresenceOf<typeof room>, { name: string }>>();
holds<Equal<TableNames<typeof room>, 'messages'>>();
holds<Equal<ParamsArgs<typeof room>, [params: { roomId: string }]>>();
holds<Equal<ParamsArgs<typeof plain>, []>>();
