import { startDevServer, type DevServer } from '@ruwad/realtime-devserver';
import { fileURLToPath } from 'node:url';
import { enter, enterExtra, type Actor } from './cast.ts';
import type { Fault } from './faults.ts';
import { randomHistory, type Write } from './history.ts';
import type { Traffic } from './network.ts';
import { createRandom } from './random.ts';
import { byId, COLUMNS, differenceOf, wrongRows, type Difference, type Row, type Rows } from './rows.ts';
import { createSession } from './session.ts';
import { TABLES, type Subject } from './subject.ts';

/** How long a run takes. */
export interface Times {
  /** How long the writer writes, in milliseconds. @defaultValue `12_000` */
  writeMs?: number;
  /** How long everybody is looked at after the last write; rows that are wrong then count as lost. In milliseconds. @defaultValue `45_000` */
  patienceMs?: number;
}

/** One fault, one seed, all subjects at once: they see the same writes and the same fault. */
export interface RunRequest extends Times {
  fault: Fault;
  seed: number;
  subjects: readonly Subject[];
}

/** How a subject came out of a run. */
export interface Outcome {
  subject: string;
  /** At the end. */
  difference: Difference;
  /** From the last write until its rows were those of the table, and stayed so; null when they never were. */
  convergedMs: number | null;
  /** From when its first rows were there. */
  traffic: Traffic;
  /** Over which time. */
  trafficMs: number;
}

/** What came of a run. */
export interface RunResult {
  /** In the order of the subjects. */
  outcomes: Outcome[];
  /** How far the writer fell behind its history: on a busy machine nobody gets what the fault is about. */
  writerLateMs: number;
}

const MIGRATIONS = ['../migrations', '../../../supabase/optional/change_log.sql'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
/** When the apps open, after the writer began: rows change while they load. */
const ENTER_AT_MS = 300;
/** Between one app and the next, so that none has to load while another does. */
const BETWEEN_ENTRIES_MS = 150;
const LOOK_EVERY_MS = 100;

/** Plays a fault to all subjects while a writer writes, waits for quiet, and compares what they show with SQL. */
export async function playRun({ fault, seed, subjects, writeMs = 12_000, patienceMs = 45_000 }: RunRequest): Promise<RunResult> {
  const server = await startDevServer({ port: 0, dataDir: null, migrations: MIGRATIONS, seed: null, limits: fault.limits ?? {}, faults: { seed } });
  const leaving: (() => unknown)[] = [() => server.close()];
  try {
    await server.sql(`select ruwad.track_changes('public.items_logged', public_keys => true)`);
    if (fault.token === undefined) await letAnonRead(server);
    const history = randomHistory(seed, writeMs);
    await write(server, history.before);

    const began = performance.now();
    const at = (ms: number): Promise<void> => sleep(began + ms - performance.now());
    const written = (async () => {
      let lateMs = 0;
      for (const { atMs, writes } of history.transactions) {
        await at(atMs);
        lateMs = Math.max(lateMs, performance.now() - began - atMs);
        await write(server, writes);
      }
      return lateMs;
    })();
    const played = fault.play?.({ faults: server.faults, random: createRandom(seed), at });
    await at(ENTER_AT_MS);
    const session = fault.token === undefined ? null : await createSession(server, fault.token);
    leaving.unshift(() => session?.end());
    const actors: Actor[] = [];
    const watched: ReturnType<typeof watchTraffic>[] = [];
    for (const subject of inTurn(subjects, seed)) {
      const actor = await enter(subject, { server, session, filter: fault.filter ?? null });
      leaving.unshift(() => actor.leave());
      actors.push(actor);
      watched.push(watchTraffic(actor, history.before.length / 6)); // half of what the narrowest query has
      await sleep(BETWEEN_ENTRIES_MS);
    }
    const extras = Math.max(0, (fault.listeners ?? 0) - subjects.filter(({ listens }) => listens).length);
    leaving.unshift(...Array.from({ length: extras }, () => enterExtra(server)).map((extra) => () => extra.leave()));

    const [writerLateMs] = await Promise.all([written, played]);
    const outcomes = await measure(actors, await tableOf(server, fault), patienceMs);
    const measured = outcomes.map((outcome, index) => ({ ...outcome, ...watched[index]?.stop() }) as Outcome); // one watch an actor
    return { outcomes: subjects.flatMap(({ name }) => measured.filter(({ subject }) => subject === name)), writerLateMs };
  } finally {
    for (const leave of leaving) await leave();
  }
}

/** Looks at everybody until patience ends, though all rows are right before: what a run costs must not depend on who else is in it. */
async function measure(actors: readonly Actor[], table: Rows, patienceMs: number): Promise<Omit<Outcome, 'traffic' | 'trafficMs'>[]> {
  const began = performance.now();
  let seen: Omit<Outcome, 'traffic' | 'trafficMs'>[] = [];
  for (;;) {
    const now = performance.now() - began;
    seen = actors.map((actor, index) => {
      const difference = differenceOf(actor.rows(), table);
      return { subject: actor.subject.name, difference, convergedMs: wrongRows(difference) === 0 ? (seen[index]?.convergedMs ?? now) : null };
    });
    if (now >= patienceMs) return seen;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Counts from when so many rows are there: everybody has to load them once. */
function watchTraffic(actor: Actor, loadedRows: number): { stop(): Pick<Outcome, 'traffic' | 'trafficMs'> } {
  let since = performance.now();
  let loaded: Traffic = { requests: 0, httpBytes: 0, socketBytes: 0 };
  const timer = setInterval(() => {
    loaded = actor.traffic();
    since = performance.now();
    if (actor.rows().size >= loadedRows) clearInterval(timer);
  }, LOOK_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      const { requests, httpBytes, socketBytes } = actor.traffic();
      return {
        traffic: { requests: requests - loaded.requests, httpBytes: httpBytes - loaded.httpBytes, socketBytes: socketBytes - loaded.socketBytes },
        trafficMs: performance.now() - since,
      };
    },
  };
}

/** Another one first for each seed. */
function inTurn<T>(items: readonly T[], seed: number): T[] {
  const first = seed % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

/** Unless the fault is about tokens nobody is signed in. */
async function letAnonRead(server: DevServer): Promise<void> {
  for (const table of TABLES) await server.sql(`create policy ${table}_anon on public.${table} for select to anon using (true)`);
}

async function write(server: DevServer, writes: readonly Write[]): Promise<void> {
  await server.sql('select public.write_items($1::jsonb)', [JSON.stringify(writes)]);
}

/** What is true. */
async function tableOf(server: DevServer, { filter }: Fault): Promise<Rows> {
  const rows = await server.sql<Row>(`select ${COLUMNS.join(', ')} from public.items where $1::text is null or owner = $1`, [filter?.value ?? null]);
  return byId(rows);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
