import { useStore } from '@ruwad/realtime-react';
import { useMemo } from 'react';
import { createCommand, type Command, type CommandState } from '../commands/command.ts';

/** An action with its progress. `action` must keep its identity: a module's function or a feature's action. */
export function useCommand<Args extends unknown[]>(action: (...args: Args) => Promise<unknown>): CommandState & Pick<Command<Args>, 'run'> {
  const command = useMemo(() => createCommand(action), [action]);
  return { ...useStore(command.store), run: command.run };
}
