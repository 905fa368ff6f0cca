import * as z from 'zod/mini';
import { defineChannel, type BroadcastOf, type ParamsArgs, type PresenceOf, type RowOf, type TableNames } from './defineChannel.ts';

export const room = defineChannel({
  name: 'room',
  topic: ({ roomId }: { roomId: string }) => `room:${roomId}`,
  tables: { messages: { row: z.object({ id: z.string(), body: z.string() }), filter: ({ roomId }) => ({ column: 'room_id', operator: 'eq', value: roomId }) } },
  broadcasts: { typing: z.object({ by: z.string() }) },
  presence: z.object({ name: z.string() }),
});
export const plain = defineChannel({ name: 'plain', topic: 'plain' });

/** Exactly the same type, not merely assignable. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false; // eslint-disable-line @typescript-eslint/no-unnecessary-type-parameters -- the conditional over an unused parameter is what compares

export const inferred: readonly true[] = [
  true satisfies Equal<RowOf<typeof room, 'messages'>, { id: string; body: string }>,
  true satisfies Equal<BroadcastOf<typeof room, 'typing'>, { by: string }>,
  true satisfies Equal<PresenceOf<typeof room>, { name: string }>,
  true satisfies Equal<TableNames<typeof room>, 'messages'>,
  true satisfies Equal<ParamsArgs<typeof room>, [params: { roomId: string }]>,
  true satisfies Equal<ParamsArgs<typeof plain>, []>,
];
