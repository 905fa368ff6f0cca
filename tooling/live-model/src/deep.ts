/** How many runs a property gets: little in `npm test`, much when `DEEP=1`. */
export function deepRuns({ usual, deep }: { usual: number; deep: number }): number {
  return process.env['DEEP'] === '1' ? deep : usual;
}
