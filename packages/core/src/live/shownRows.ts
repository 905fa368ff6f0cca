import { Subject, type Observable } from 'rxjs';
import type { Change } from '../channel/types.ts';
import type { Frames } from '../lib/frames.ts';
import type { Logger } from '../lib/logger.ts';
import { createStore, type Store } from '../store/store.ts';
import type { AnyRow } from './rowWindow.ts';
import type { ListView } from './sortedList.ts';
import type { LiveState } from './types.ts';

/** So many changes are shown without waiting for a frame; bounds what is held back. */
const MAX_UNSHOWN = 10_000;

/** Of rows over which nothing is pending. */
export const NO_KEYS: ReadonlySet<string> = new Set();

/** What a state tells beside the rows. */
type RestOfState = Omit<LiveState<AnyRow>, 'rows'>;

/** What {@link createShownRows} shows. */
export interface ShownRowsParts {
  view: () => ListView<AnyRow>;
  rest: () => RestOfState;
  frames: Frames;
  logger: Logger;
}

/** What is shown of the rows held: the store, and the changes once it has them. */
export interface ShownRows {
  readonly store: Store<LiveState<AnyRow>>;
  readonly changes$: Observable<Change<AnyRow>>;
  /** Shows what is held, now. */
  commit(): void;
  /** Shows changes with the next frame. */
  show(changes: readonly Change<AnyRow>[]): void;
  /** Has changes told with what is shown next. */
  note(changes: readonly Change<AnyRow>[]): void;
}

/** Shows nothing until told to. */
export function createShownRows({ view, rest, frames, logger }: ShownRowsParts): ShownRows {
  let shown = view();
  const store = createStore<LiveState<AnyRow>>(stateOf(shown, { status: 'idle', pendingKeys: NO_KEYS, hasMore: false, syncedAt: null, error: null, warning: null }), { logger });
  const changes$ = new Subject<Change<AnyRow>>();
  let unshown: Change<AnyRow>[] = [];
  let cancelFrame: (() => void) | null = null;

  const commit = (): void => {
    cancelFrame?.();
    cancelFrame = null;
    const changes = unshown;
    unshown = [];
    const [next, other] = [view(), rest()];
    if (next !== shown || differs(other, store.get())) {
      shown = next;
      store.set(stateOf(next, other));
    }
    for (const change of changes) changes$.next(change);
  };
  const note = (changes: readonly Change<AnyRow>[]): void => {
    if (changes$.observed) for (const change of changes) unshown.push(change);
  };
  return {
    store,
    changes$,
    commit,
    note,
    show(changes) {
      note(changes);
      if (unshown.length >= MAX_UNSHOWN) commit();
      else cancelFrame ??= frames.request(commit);
    },
  };
}

const VIEW = Symbol('view');
/** One function for all states: of a getter made anew for each, V8 keeps every state for long, and the rows it was made of. */
const ROWS: PropertyDescriptor = {
  enumerable: true,
  get(this: { readonly [VIEW]: ListView<AnyRow> }) {
    return this[VIEW].items();
  },
};

/** The state over a view, whose array is made when it is read: rows that nobody renders cost nothing per frame. */
function stateOf(view: ListView<AnyRow>, { status, pendingKeys, hasMore, syncedAt, error, warning }: RestOfState): LiveState<AnyRow> {
  const state = Object.defineProperty(Object.defineProperty({}, VIEW, { value: view }), 'rows', ROWS) as LiveState<AnyRow>; // the rest follows
  return Object.assign(state, { status, pendingKeys, hasMore, syncedAt, error, warning });
}

function differs(rest: RestOfState, before: RestOfState): boolean {
  return rest.status !== before.status || rest.pendingKeys !== before.pendingKeys || rest.hasMore !== before.hasMore || rest.syncedAt !== before.syncedAt || rest.error !== before.error || rest.warning !== before.warning;
}
