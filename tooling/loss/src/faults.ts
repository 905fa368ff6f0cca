import type { DevServer, DevServerOptions } from '@ruwad/realtime-devserver';
import type { Random } from './random.ts';
import type { OwnerFilter } from './subject.ts';

/** How the app comes to its token: it has none and needs none, it gets the next one too late, or the first one late. */
export type TokenFault = 'refreshed-late' | 'missing-at-first';

/** What a fault may do. */
interface Stage {
  faults: DevServer['faults'];
  random: Random;
  /** Resolves at a time since the writer's start, in milliseconds. */
  at: (ms: number) => Promise<void>;
}

/** Something that goes wrong while rows change. */
export interface Fault {
  readonly name: string;
  /** What the table calls it. */
  readonly title: string;
  /** Runs beside the writer; what it starts may outlast it. */
  readonly play?: (stage: Stage) => Promise<unknown>;
  readonly token?: TokenFault;
  /** Rows the apps ask for. @defaultValue all */
  readonly filter?: OwnerFilter;
  readonly limits?: DevServerOptions['limits'];
  /** How many listen to the table; those that are no subjects are filled up by plain channels. @defaultValue the subjects */
  readonly listeners?: number;
}

/** The faults of the baseline, and how the dev server plays them. The writer writes for twelve seconds. */
export const FAULTS: readonly Fault[] = [
  { name: 'none', title: 'no fault' },
  {
    name: 'drops',
    title: '3 lost sockets',
    async play({ faults, random, at }) {
      for (const from of [2_000, 5_000, 8_000]) {
        await at(from + random.between(0, 2_000));
        await faults.dropSockets();
      }
    },
  },
  {
    name: 'half-open',
    title: 'half-open socket',
    async play({ faults, random, at }) {
      await at(random.between(3_000, 5_000));
      await faults.halfOpen(); // the sockets of that moment, for good
    },
  },
  {
    name: 'replication',
    title: 'replication cut for 4 s, without a sign',
    async play({ faults, random, at }) {
      await at(random.between(3_000, 6_000));
      await faults.cutReplication({ forMs: 4_000 });
    },
  },
  {
    name: 'database',
    title: 'database restart',
    async play({ faults, random, at }) {
      await at(random.between(3_000, 6_000));
      await faults.restartDatabase();
    },
  },
  {
    name: 'restart',
    title: 'server restart under writes',
    async play({ faults, random, at }) {
      await at(random.between(3_000, 5_000));
      await faults.restartServer({ graceful: random.between(0, 1) === 0, downMs: 1_000, coldMs: random.between(1_400, 3_000) });
    },
  },
  {
    name: 'cold',
    title: 'cold server: `system` ok 1.1–2.7 s late',
    play: ({ faults }) => faults.delaySystemOk({ ms: 1_100, jitterMs: 1_600 }), // of every join, however early its app comes
  },
  {
    name: 'slow-snapshot',
    title: 'snapshot takes 300–800 ms',
    play: ({ faults }) => faults.httpLatency({ path: '/rest/v1', part: 'answer', ms: 300, jitterMs: 500 }),
  },
  { name: 'late-token', title: 'token refreshed 3 s late', token: 'refreshed-late' },
  { name: 'missing-token', title: 'no token yet at the first join', token: 'missing-at-first' },
  { name: 'filter', title: 'filter `owner=eq.u1`, no fault', filter: { column: 'owner', value: 'u1' } },
  { name: 'limits-8', title: 'default limits, 8 listeners', limits: 'supabase', listeners: 8 },
  { name: 'limits-32', title: 'default limits, 32 listeners', limits: 'supabase', listeners: 32 },
];
