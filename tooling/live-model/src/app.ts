import { openClient, type Client } from './client.ts';
import { sqlOf, type Command, type Step } from './commands.ts';
import type { Driver, Screen } from './driver.ts';
import { LISTS, SARA, type TaskList } from './tasks.ts';
import type { World } from './world.ts';

/** Sara's app, which has just started. */
export interface App extends Client {
  readonly lists: readonly (TaskList & Screen)[];
  /** Does what a command says. */
  readonly perform: (step: Step<Command>) => Promise<void>;
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
  const client = await openClient(world, { hasLog });
  const lists = LISTS.map((list) => ({ ...list, ...driver.show(client.realtime, compares ? list : { ...list, query: { ...list.query, reconcileMs: Infinity } }) }));
  const { backend } = world;

  const execute = (command: Command): Promise<unknown> => {
    if (command.do === 'commit') return backend.sql(`do $$ begin ${command.writes.map(sqlOf).join('; ')}; end $$`);
    if (command.do === 'membership') return backend.sql(command.holds ? `insert into members values ('${SARA}') on conflict do nothing` : 'delete from members');
    return client.strike(command);
  };
  return {
    ...client,
    lists,
    async perform({ command, then }) {
      client.journal.note('command', command, then);
      await execute(command);
      await client.pause(then);
    },
    async close() {
      for (const { close } of lists) close();
      await client.close();
    },
  };
}
