import type { Messages } from '../i18n/ar.ts';

/** SQLSTATE of a missing right, and PostgREST's code for "no row": how row level security says no to a read and to a write. */
const FORBIDDEN = ['42501', 'PGRST116'];

/** Why an action failed, in the reader's language where the reason is a common one. */
export function explain(error: unknown, t: Messages): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && FORBIDDEN.includes(code)) return t.common.forbidden;
  const text = typeof message === 'string' ? message : String(error);
  return /fetch/i.test(text) ? t.common.unreachable : text;
}
