import type { RealtimeClient } from '@ruwad/realtime-core';
import { render } from '@testing-library/vue';
import { defineComponent, type Plugin } from 'vue';
import { createRealtime } from '../src/index.ts';

/** Mounts a component whose setup is `setup`, and gives what it returned. */
export function inSetup<T>(setup: () => T, client?: RealtimeClient): { result: T; unmount: () => void } {
  let result: { value: T } | undefined;
  const component = defineComponent({
    setup: () => {
      result = { value: setup() };
      return () => null;
    },
  });
  const plugins: Plugin[] = client ? [createRealtime(client)] : [];
  const rendered = render(component, { global: { plugins } });
  if (!result) throw new Error('setup did not run');
  return { result: result.value, unmount: () => rendered.unmount() };
}
