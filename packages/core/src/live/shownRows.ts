import { Subject, type Observable } from 'rxjs';
import type { Change } from '../channel/types.ts';
import type { Frames } from '../lib/frames.ts';
import type { Logger } from '../lib/logger.ts';
import { createStore, type Store } from '../store/store.ts';
import { liveState, type RestOfState } from './liveState.ts';
import type { AnyRow } from './rowWindow.ts';
import type { ListView } from './sortedList.ts';
import type { LiveState } from './types.ts';

/** So many changes are shown without waiting for a frame; bounds what is held back. */
const MAX_UNSHOWN = 10_000;

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
  const store = createStore<LiveState<AnyRow>>(liveState(view(), { status: 'idle', hasMore: false, syncedAt: null, error: null, warning: null }), { logger });
  const changes$ = new Subject<Change<AnyRow>>();
  let unshown: Change<AnyRow>[] = [];
  let cancelFrame: (() => void) | null = null;

  const commit = (): void => {
    cancelFrame?.();
    cancelFrame = null;
    const changes = unshown;
    unshown = [];
    store.set(liveState(view(), rest(), store.get()));
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
