import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import type { Channel } from '../../channel/types.ts';
import { RealtimeError } from '../../errors.ts';
import { retryDelay } from '../../lib/backoff.ts';
import type { TimerHandle } from '../../lib/clock.ts';
import type { LiveQuery } from '../../live/types.ts';
import { ideaNotifications } from '../channels.ts';
import type { Idea } from '../rows/idea.ts';
import { command, noUser } from './command.ts';
import { derivedStore } from './derivedStore.ts';
import { fromLive, idleFeature, type FeatureState } from './featureState.ts';
import { createRowUpdates, type RowUpdate } from './rowUpdates.ts';

/** Something that happened to an idea while we listened. */
export interface IdeaUpdate extends RowUpdate {
  readonly ideaId: string;
  /** The row after the change; after a deletion the row before it. */
  readonly idea: Idea;
}

/** State of {@link createIdeaNotifications}. */
export interface IdeaNotificationsState extends FeatureState {
  /** The signed-in innovator's newest 100 ideas, newest first. */
  readonly ideas: readonly Idea[];
  /** The latest 50 updates, newest first. */
  readonly ideaUpdates: readonly IdeaUpdate[];
}

/** What {@link createIdeaNotifications} gives. */
export type IdeaNotifications = Feature<IdeaNotificationsState>;

interface Source {
  readonly channel: Channel<typeof ideaNotifications>;
  readonly query: LiveQuery<Idea>;
}

/**
 * The ideas of the signed-in innovator and what happens to them. An idea belongs to an innovator, not to a user, so the
 * innovator is looked up first. It stays idle for people who are none, and without a person with the error `auth/no-user`.
 */
export function createIdeaNotifications(realtime: RealtimeClient): IdeaNotifications {
  const { user, supabase, logger, clock } = realtime;
  const initial: IdeaNotificationsState = { ...idleFeature, error: user === null ? noUser('ideas') : null, ideas: [], ideaUpdates: [] };
  const updates = createRowUpdates<Idea, IdeaUpdate>((update, ideaId, idea) => ({ ...update, ideaId, idea }), () => clock.now());
  let source: Source | null = null;
  let lookup: { status: 'loading' | 'idle' | 'error'; error: RealtimeError | null } = { status: 'loading', error: null };

  const open = (innovatorId: string): Source => {
    const channel = realtime.channel(ideaNotifications, { innovatorId });
    return { channel, query: realtime.live({ channel, table: 'ideas', orderBy: { column: 'created_at', ascending: false }, limit: 100 }) };
  };
  const listen = ({ channel, query }: Source): (() => void) => {
    const changes = query.changes$.subscribe((change) => {
      updates.add(change);
      store.update();
    });
    const stops = [channel.store.subscribe(store.update), query.store.subscribe(store.update)];
    return () => {
      changes.unsubscribe();
      for (const stop of stops) stop();
    };
  };
  const findInnovator = async (userId: string): Promise<string | null> => {
    const row: unknown = await command('looking up the innovator', supabase.from('innovators').select('id').eq('user_id', userId).maybeSingle());
    const id = (row as { id?: unknown } | null)?.id; // checked below
    return typeof id === 'string' ? id : null;
  };

  const start = (userId: string) => (): (() => void) => {
    let stopped = false;
    let stopListening: (() => void) | undefined;
    let retry: TimerHandle | undefined;
    let failures = 0;
    const run = async (): Promise<void> => {
      try {
        const innovatorId = source === null ? await findInnovator(userId) : null;
        if (stopped) return;
        if (innovatorId !== null) source = open(innovatorId);
        lookup = { status: 'idle', error: null };
        if (source !== null) stopListening = listen(source);
      } catch (cause) {
        if (stopped) return;
        const error = cause instanceof RealtimeError ? cause : new RealtimeError('command/failed', 'the innovator could not be looked up', { cause });
        lookup = { status: 'error', error };
        if (error.retryable) retry = clock.setTimeout(() => void run(), retryDelay((failures += 1)));
      }
      store.update();
    };
    void run();
    return () => {
      stopped = true;
      stopListening?.();
      if (retry !== undefined) clock.clearTimeout(retry);
    };
  };

  const store = derivedStore<IdeaNotificationsState>({
    initial,
    logger,
    ...(user !== null && { start: start(user.id) }),
    derive() {
      if (user === null) return initial;
      if (source === null) return { ...initial, ...lookup };
      const state = source.query.store.get();
      return { ...fromLive(state, source.channel.store.get()), ideas: state.rows, ideaUpdates: updates.list() };
    },
  });
  return { store, actions: {} };
}
