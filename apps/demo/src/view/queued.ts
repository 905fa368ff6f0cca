import type { Json, OutboxEntry } from '@ruwad/realtime-core';

type Fields = Readonly<Record<string, Json | undefined>>;

/** What somebody wrote in a queued action, a comment's text; null when it carries none. */
export function textIn({ name, input }: Pick<OutboxEntry, 'name' | 'input'>): string | null {
  const { content } = name === EDITED ? fieldsOf(fieldsOf(input)['changes']) : fieldsOf(input);
  return typeof content === 'string' ? content : null;
}

/** The action's input with another text in it; for actions that {@link textIn} finds one in. */
export function withText({ name, input }: Pick<OutboxEntry, 'name' | 'input'>, content: string): Json {
  const fields = fieldsOf(input);
  return name === EDITED ? { ...fields, changes: { ...fieldsOf(fields['changes']), content } } : { ...fields, content };
}

/** Ids of what waiting actions bookmark, or mark as read. */
export function waitingIds(pending: readonly Pick<OutboxEntry, 'input'>[]): ReadonlySet<string> {
  return new Set(pending.flatMap(({ input }) => {
    const { item_id, ids } = fieldsOf(input);
    return [item_id, ...(Array.isArray(ids) ? (ids as readonly Json[]) : [])].filter((id) => typeof id === 'string');
  }));
}

/** An edited comment is a row update: its columns are in `changes`. */
const EDITED = 'public.challenge_comments/update';

function fieldsOf(value: Json | undefined): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}; // an object of JSON
}
