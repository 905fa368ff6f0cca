import type { Line } from '../report.ts';
import { herd } from './herd.ts';
import { cycles, reconnects } from './leaks.ts';

/** What piles up over a long time (C9), and how a crowd comes back (C2), beside supabase-js alone. */
export function soak(): Promise<{ cases: Record<string, () => Promise<Line[]>>; close: () => Promise<void> }> {
  return Promise.resolve({ cases: { reconnects, cycles, herd }, close: () => Promise.resolve() });
}
