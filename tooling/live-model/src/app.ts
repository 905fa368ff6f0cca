import { changeLog, createRealtimeClient, decodeFrame } from '@ruwad/realtime-core';
import { sqlOf, type Command, type Step } from './commands.ts';
import type { Driver, Screen } from './driver.ts';
import { createJournal, type Journal } from './journal.ts';
import { createNetwork } from './network.ts';
import { createSession, type Session } from './session.ts';
import { strike } from './strike.ts';
import { LISTS, SARA, type Task, type TaskList } from './tasks.ts';
import type { World } from './world.ts';

/** By when a reset has arrived, or a half-open socket was given up, in ms. */
const NOTICED_WITHIN_MS = 30_000;
/** By when the server has made its subscriptions anew for a new token, in ms; what it says of that is no alarm. */
const RENEWED_WITHIN_MS = 5_000;

/** What tells an app that it may have missed something. */
export type Sign = 'socket' | 'replication';

/** Sara's app, which has just started. */
export interface App {
  readonly lists: readonly (TaskList & { readonly screen: Screen })[];
  /** What happened so far. */
  readonly journal: Journal;
  /** Does what a command says. */
  readonly perform: (step: Step) => Promise<void>;
  /** Shows the page, gives the app a good token, and ends every fault but a half-open socket, which the app is to notice by itself. */
  readonly quiet: () => Promise<void>;
  /** Whether all that was on its way when the quiet began has arrived: answers, and changes on a half-open socket, unless it is given up. */
  readonly isStill: () => boolean;
  /**
   * Gives the app a sign that it may have missed something: its socket is cut off, or replication began anew. A socket that
   * is dead already is left to the app. Resolves when it has noticed, and is perhaps right again.
   */
  readonly alarm: (sign: Sign) => Promise<void>;
  /** Tasks by SQL, as Sara may see them. */
  readonly tasks: (sql: string) => Promise<Task[]>;
  readonly close: () => Promise<void>;
}

/** How an app keeps its rows right. */
export interface AppOptions {
  /** Whether it is told of the change log. */
  readonly hasLog: boolean;
  /** Whether it compares its rows with the table every now and then. */
  readonly compares: boolean;
}

/** Opens the app on a database that is as it was at first. */
export async function openApp(world: World, driver: Driver, { hasLog, compares }: AppOptions): Promise<App> {
  const { backend, page, time } = world;
  const { faults } = backend;
  const journal = createJournal();
  const network = createNetwork(time, journal);
  const session: Session = await time.through(createSession(backend));
  const supabase = await time.through(backend.signInAs({ id: SARA }, { realtime: { decode: decodeFrame, transport: network.transport }, global: { fetch: network.fetch }, accessToken: session.token }));
  session.onToken(() => supabase.realtime.setAuth());
  const realtime = createRealtimeClient({ supabase, user: { id: SARA }, clock: page.clock, ...(hasLog && { changeLog }) });
  const lists = LISTS.map((list) => ({ ...list, screen: driver.show(realtime, compares ? list : { ...list, query: { ...list.query, reconcileMs: Infinity } }) }));

  const execute = (command: Command): Promise<unknown> => {
    if (command.do === 'commit') return backend.sql(`do $$ begin ${command.writes.map(sqlOf).join('; ')}; end $$`);
    if (command.do === 'membership') return backend.sql(command.holds ? `insert into members values ('${SARA}') on conflict do nothing` : 'delete from members');
    return time.through(strike(command, { faults, page, session }));
  };
  const isHalfOpen = (): boolean => faults.active.some(({ name }) => name === 'halfOpen');
  const before = { asked: new Set<object>(), socket: network.socket };

  return {
    lists,
    journal,
    async perform({ command, then }) {
      journal.note('command', command, then);
      await execute(command);
      if ('turns' in then) await time.turns(then.turns);
      else await time.pass(then.ms);
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
    tasks: (sql) => backend.sqlAs({ id: SARA })<{ id: number; n: number }>(sql),
    async close() {
      for (const { screen } of lists) screen.close();
      session.end();
      await time.through(realtime.dispose());
      await time.through(backend.reset());
    },
  };
}
