import { useLocale } from './context.ts';

/** A moment, in the reader's words. */
export function Time({ at }: { at: string | number | null }) {
  const { format } = useLocale();
  if (at === null) return null;
  return <time dateTime={new Date(at).toISOString()}>{format.time(at)}</time>;
}
