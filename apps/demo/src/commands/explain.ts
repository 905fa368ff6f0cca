import type { Messages } from '../i18n/ar.ts';

/** SQLSTATE of a missing right, and PostgREST's code for "no row": how row level security says no to a read and to a write. */
const FORBIDDEN: readonly unknown[] = ['42501', 'PGRST116'];

/** Why an action failed, in the reader's language where the reason is a common one, else as it was worded. */
export function explain(error: unknown, t: Messages): string {
  const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: { code?: unknown } };
  if (FORBIDDEN.includes(code) || FORBIDDEN.includes(cause?.code)) return t.common.forbidden;
  const texts: Readonly<Record<string, string>> = t.errors;
  const known = typeof code === 'string' ? texts[code] : undefined;
  if (known !== undefined) return known;
  const text = typeof message === 'string' ? message : String(error);
  return /fetch/i.test(text) ? t.common.unreachable : text;
}
