import { changeLog, createRealtimeClient, decodeFrame, type RealtimeClient } from '@ruwad/realtime-core';
import type { Fault, Pause } from './commands.ts';
import { createJournal, type Journal } from './journal.ts';
import { createNetwork } from './network.ts';
import { createSession, type Session } from './session.ts';
import { strike } from './strike.ts';
import { SARA } from './tasks.ts';
import type { World } from './world.ts';

/** By when a reset has arrived, or a half-open socket was given up, in ms. */
const NOTICED_WITHIN_MS = 30_000;
/** By when the server has made its subscriptions anew for a new token, in ms; what it says of that is no alarm. */
const RENEWED_WITHIN_MS = 5_000;

/** What tells an app that it may have missed something. */
export type Sign = 'socket' | 'replication';

/** Sara's client, with the network, session and page that faults strike. */
export interface Client {
  readonly realtime: RealtimeClient;
  /** What happened so far. */
  readonly journal: Journal;
  /** Begins a fault. */
  readonly strike: (fault: Fault) => Promise<unknown>;
  /** Lets so much happen. */
  readonly pause: (pause: Pause) => Promise<void>;
  /** Shows the page, gives the client a good token, and ends every fault but a half-open socket, which it is to notice by itself. */
  readonly quiet: () => Promise<void>;
  /** Whether all that was on its way when the quiet began has arrived: answers, and changes on a half-open socket, unless it is given up. */
  readonly isStill: () => boolean;
  /**
   * Gives the client a sign that it may have missed something: its socket is cut off, or replication began anew. A socket that
   * is dead already is left to the client. Resolves when it has noticed, and is perhaps right again.
   */
  readonly alarm: (sign: Sign) => Promise<void>;
  /** Rows by SQL, as Sara may see them. */
  readonly rows: <Row>(sql: string) => Promise<Row[]>;
  readonly close: () => Promise<void>;
}

/** Makes the client, on a database that is as it was at first. */
export async function openClient({ backend, page, time }: World, { hasLog }: { hasLog: boolean }): Promise<Client> {
  const { faults } = backend;
  const journal = createJournal();
  const network = createNetwork(time, journal);
  const session: Session = await time.through(createSession(backend));
  const supabase = await time.through(backend.signInAs({ id: SARA }, { realtime: { decode: decodeFrame, transport: network.transport }, global: { fetch: network.fetch }, accessToken: session.token }));
  session.onToken(() => supabase.realtime.setAuth());
  const realtime = createRealtimeClient({ supabase, user: { id: SARA }, clock: page.clock, ...(hasLog && { changeLog }) });
  const isHalfOpen = (): boolean => faults.active.some(({ name }) => name === 'halfOpen');
  const before = { asked: new Set<object>(), socket: network.socket };

  return {
    realtime,
    journal,
    strike: (fault) => time.through(strike(fault, { faults, page, session })),
    async pause(pause) {
      if ('turns' in pause) await time.turns(pause.turns);
      else await time.pass(pause.ms);
    },
    async quiet() {
      journal.note('quiet');
      page.show();
      for (const fault of [...faults.active].reverse()) if (fault.name !== 'halfOpen') await time.through(fault.stop());
      before.asked = new Set(network.unanswered);
      before.socket = network.socket;
      await time.through(session.refresh());
    },
    isStill: () => ![...before.asked].some((request) => network.unanswered.has(request)) && !(isHalfOpen() && network.socket === before.socket),
    async alarm(sign) {
      await time.pass(RENEWED_WITHIN_MS);
      const { socket } = network;
      const isGone = (): boolean => socket === null || socket.readyState > socket.OPEN;
      // One that was made later than the fault is not concerned by it.
      if (isHalfOpen() && (await time.pass(NOTICED_WITHIN_MS, isGone))) return;
      journal.note('alarm', sign);
      await (sign === 'socket' ? faults.dropSockets() : faults.recheckPublication());
      await time.pass(NOTICED_WITHIN_MS, () => sign === 'replication' || isGone());
    },
    rows: (sql) => backend.sqlAs({ id: SARA })(sql),
    async close() {
      session.end();
      await time.through(realtime.dispose());
      await time.through(backend.reset());
    },
  };
}
