import type { Timeline } from './timeline.ts';

interface WithStatus {
  readonly status: string;
}

/** Waits until the hook is live. */
export const untilLive = <T extends WithStatus>({ results }: { results: Timeline<T> }): Promise<T> =>
  results.now(({ status }) => status === 'live', 'the status to be live');

/** A sequence without immediate repetitions. */
export const distinct = <T>(all: readonly T[]): T[] => all.filter((value, index) => index === 0 || value !== all[index - 1]);
