import type { LiveStatus, RealtimeClient } from '@ruwad/realtime-core';
import type { Task, TaskList } from './tasks.ts';

/** What a person sees of a list. */
export interface Shown {
  readonly status: LiveStatus;
  readonly rows: readonly Task[];
}

/** A list on the screen. */
export interface Screen {
  readonly read: () => Shown;
  readonly close: () => void;
}

/** How rows come to the screen: from the store itself, or by one of the bindings. */
export interface Driver {
  /** Shows a list until it is closed. */
  show(realtime: RealtimeClient, list: TaskList): Screen;
}
