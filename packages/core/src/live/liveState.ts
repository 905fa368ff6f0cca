import type { AnyRow } from './rowWindow.ts';
import type { ListView } from './sortedList.ts';
import type { LiveState } from './types.ts';

/** What a state tells beside the rows. */
export type RestOfState = Omit<LiveState<AnyRow>, 'rows'>;

const views = new WeakMap<LiveState<AnyRow>, ListView<AnyRow>>();

/**
 * The state over a view of the rows, whose array is made when it is read: a list of 100,000 rows that nobody renders costs
 * nothing per frame. Gives `before` when nothing is different.
 */
export function liveState(view: ListView<AnyRow>, rest: RestOfState, before?: LiveState<AnyRow>): LiveState<AnyRow> {
  if (before !== undefined && views.get(before) === view && Object.entries(rest).every(([name, value]) => before[name as keyof RestOfState] === value)) return before;
  const state: LiveState<AnyRow> = {
    get rows() {
      return view.items();
    },
    ...rest,
  };
  views.set(state, view);
  return state;
}
