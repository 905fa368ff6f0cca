import type { Line } from './recording.ts';

/** What happened to the recorded server, of which only the recorder's note tells. */
export type Incident = 'stop' | 'kill' | 'start' | 'go deaf' | 'hear again';

/** A Postgres that crashed is read again this much later; what was committed until then is lost (09g). */
const DEAF_MS = 2_900;

const NOTES: readonly [RegExp, Incident][] = [
  [/^SIGTERM\b/, 'stop'],
  [/^SIGKILL\b/, 'kill'],
  [/^start\.sh\b/, 'start'],
  [/^Postgres (?:crash )?restart\b/, 'go deaf'],
];

/** The incidents that a line tells of, with their times. */
export function incidentsOf({ t_ms: t, event, note = '' }: Line): { t: number; incident: Incident }[] {
  const incident = event === 'note' ? NOTES.find(([pattern]) => pattern.test(note))?.[1] : undefined;
  if (incident === undefined) return [];
  return incident === 'go deaf' ? [{ t, incident }, { t: t + DEAF_MS, incident: 'hear again' }] : [{ t, incident }];
}
