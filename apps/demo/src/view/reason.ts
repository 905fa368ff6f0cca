import type { RealtimeError } from '@ruwad/realtime-core';
import type { Messages } from '../i18n/ar.ts';

/** Why a channel is not live, in the reader's language where its code has a text there, else as the SDK words it. */
export function reasonOf({ code, message }: RealtimeError, t: Messages): string {
  const texts: Readonly<Record<string, string>> = t.errors;
  return texts[code] ?? message;
}
