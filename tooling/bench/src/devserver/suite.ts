import type { Line } from '../report.ts';
import { bareTables } from './bareCapture.ts';
import { changes, ownRows } from './changes.ts';
import { fanOut } from './fanOut.ts';
import { latency } from './latency.ts';
import { rowSecurity } from './rowSecurity.ts';
import { start } from './start.ts';
import { openWorkshop } from './workshop.ts';
import { writeRate } from './writeRate.ts';

/** Goals G8 (fan-out) and G9 (write → client) of the dev server. */
export async function devserver(): Promise<{ cases: Record<string, () => Promise<Line[]>>; close: () => Promise<void> }> {
  const workshop = await openWorkshop();
  const bare = bareTables(workshop.pglite);
  return {
    cases: {
      // By the clock, so first: later cases leave a thousand sockets behind.
      latency: () => latency(workshop, bare),
      writeRate: () => writeRate(workshop, bare),
      rowSecurity: () => rowSecurity(workshop, bare),
      fanOut: () => fanOut(workshop),
      changes: () => changes(workshop, bare),
      ownRows: () => ownRows(workshop),
      start: () => start(workshop),
    },
    close: () => workshop.close(),
  };
}
