/** How many runs a property gets, or how long a test may take: little in `npm test`, much when `DEEP=1`. */
export function deepRuns({ usual, deep }: { usual: number; deep: number }): number {
  return process.env['DEEP'] === '1' ? deep : usual;
}
