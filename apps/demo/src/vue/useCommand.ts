import { useStore } from '@ruwad/realtime-vue';
import { reactive, toRef } from 'vue';
import { createCommand, type Command, type CommandState } from '../commands/command.ts';

/** An action with its progress, as one object for templates. */
export function useCommand<Args extends unknown[]>(action: (...args: Args) => Promise<unknown>): Readonly<CommandState> & Pick<Command<Args>, 'run'> {
  const command = createCommand(action);
  const state = useStore(command.store);
  return reactive({ pending: toRef(() => state.value.pending), error: toRef(() => state.value.error), run: command.run });
}
