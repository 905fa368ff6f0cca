/** Whether this is a deep run (`pnpm test:deep`): properties with many more runs, and soaks. */
const isDeep = process.env['DEEP'] === '1';

/** A number of runs, a duration or a timeout: what `npm test` has time for, or what a deep run has. */
export function deepRuns({ usual, deep }: { usual: number; deep: number }): number {
  return isDeep ? deep : usual;
}
