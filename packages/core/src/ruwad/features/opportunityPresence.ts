import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import type { PresenceMap } from '../../channel/types.ts';
import { throttleLatest } from '../../pipeline/throttle.ts';
import { opportunityPresence } from '../channels.ts';
import type { OpportunityPresenceState as SharedState } from '../rows/presence.ts';
import { noUser } from './command.ts';
import { createCursors, type Cursor } from './cursors.ts';
import { derivedStore } from './derivedStore.ts';
import { fromChannel, idleFeature, type FeatureState } from './featureState.ts';
import { collaborators, type Collaborator, type OpportunityStatus } from './opportunityPeople.ts';

export type { Collaborator, Cursor, OpportunityStatus };

/** Least time between two positions sent, in ms. */
const CURSOR_INTERVAL_MS = 50;

/** State of {@link createOpportunityPresence}. */
export interface OpportunityPresenceFeatureState extends FeatureState {
  /** Everyone in the room but oneself, in the order they came. */
  readonly collaborators: readonly Collaborator[];
  /** Everyone in the room, in the order they came. */
  readonly onlineUsers: readonly Collaborator[];
  /** How many people that is. */
  readonly userCount: number;
  /** Who edits which field: user id by field name; without oneself. */
  readonly editedFields: Readonly<Record<string, string>>;
  /** Pointers of the others; one that rests for 5 s is taken away. */
  readonly cursors: readonly Cursor[];
}

/** Actions of {@link createOpportunityPresence}. */
export interface OpportunityPresenceActions {
  readonly isUserOnline: (userId: string) => boolean;
  /** Says what one does; calls are merged to the server's limit. Rejects with a `RealtimeError`. */
  readonly updatePresenceStatus: (status: OpportunityStatus) => Promise<void>;
  /** Says where one is. Rejects with a `RealtimeError`. */
  readonly updateSection: (section: string) => Promise<void>;
  /** Says that one entered or left a field. Dropped while not connected. */
  readonly notifyFieldFocus: (fieldName: string, action: 'focus' | 'blur') => void;
  /** Whether someone else is in the field. */
  readonly isFieldBeingEdited: (fieldName: string) => boolean;
  /** Says where one's pointer is; call at will, at most 20 a second are sent. Dropped while alone or not connected. */
  readonly moveCursor: (section: string, position: { x: number; y: number }) => void;
}

/** What {@link createOpportunityPresence} gives. */
export type OpportunityPresenceFeature = Feature<OpportunityPresenceFeatureState, OpportunityPresenceActions>;

/**
 * The room of one opportunity: being subscribed is being in it. Without a signed-in person one looks on unseen. Who is
 * where is what people say of themselves: for showing, never for rights.
 */
export function createOpportunityPresence(realtime: RealtimeClient, { opportunityId }: { opportunityId: string }): OpportunityPresenceFeature {
  const { user, logger, clock } = realtime;
  const channel = realtime.channel(opportunityPresence, { opportunityId });
  let presence: PresenceMap<SharedState> = new Map();
  let people: readonly Collaborator[] = [];
  let editedFields: Readonly<Record<string, string>> = {};
  let mine: SharedState | null = null;
  let active = false;
  const cursors = createCursors(clock, () => { store.update(); });

  const isOther = (userId: string): boolean => userId !== user?.id;
  const isOnline = (userId: string): boolean => presence.has(userId);
  const stamp = (): string => new Date(clock.now()).toISOString();
  const quietly = (sent: Promise<void>): void => {
    sent.catch((error: unknown) => { logger.debug('a sign of presence was not sent', { reason: String(error) }); });
  };
  const share = async (change: Partial<SharedState>): Promise<void> => {
    if (user === null) throw noUser('presence');
    const state: SharedState = mine ?? { user_id: user.id, display_name: user.name ?? '', avatar_url: user.avatarUrl ?? null, status: 'viewing', current_section: 'overview', online_at: stamp() };
    mine = { ...state, ...change };
    if (active) await channel.track(mine);
  };
  const onPresence = (next: PresenceMap<SharedState>): void => {
    presence = next;
    people = collaborators(next);
    cursors.keep(isOnline);
    editedFields = Object.fromEntries(Object.entries(editedFields).filter(([, userId]) => isOnline(userId)));
    store.update();
  };
  const onFocus = ({ user_id: userId, field_name: field, action }: { user_id: string; field_name: string; action: 'focus' | 'blur' }): void => {
    if (!isOther(userId)) return;
    if (action === 'focus') editedFields = { ...editedFields, [field]: userId };
    else if (editedFields[field] === userId) editedFields = Object.fromEntries(Object.entries(editedFields).filter(([name]) => name !== field));
    store.update();
  };
  const sendCursor = throttleLatest(({ section, x, y }: { section: string; x: number; y: number }) => {
    if (user === null || channel.store.get().status !== 'live' || !people.some(({ userId }) => isOther(userId))) return;
    quietly(channel.send('cursor_move', { user_id: user.id, section, position: { x, y }, timestamp: stamp() }));
  }, CURSOR_INTERVAL_MS, clock);

  const store = derivedStore<OpportunityPresenceFeatureState>({
    initial: { ...idleFeature, collaborators: [], onlineUsers: [], userCount: 0, editedFields: {}, cursors: [] },
    logger,
    sources: [channel.store],
    start() {
      const subscriptions = [
        channel.presence$.subscribe(onPresence),
        channel.broadcast$('field_focus').subscribe(({ payload }) => { onFocus(payload); }),
        channel.broadcast$('cursor_move').subscribe(({ payload: { user_id: userId, section, position } }) => {
          if (!isOther(userId)) return;
          cursors.move({ userId, section, ...position });
          store.update();
        }),
      ];
      active = true;
      if (user !== null) quietly(share({}));
      return () => {
        active = false;
        for (const subscription of subscriptions) subscription.unsubscribe();
        sendCursor.cancel();
        cursors.clear();
        editedFields = {};
      };
    },
    derive: () => ({
      ...fromChannel(channel.store.get()),
      collaborators: people.filter(({ userId }) => isOther(userId)),
      onlineUsers: people,
      userCount: people.length,
      editedFields,
      cursors: cursors.list(),
    }),
  });

  return {
    store,
    actions: {
      isUserOnline: isOnline,
      updatePresenceStatus: (status) => share({ status }),
      updateSection: (section) => share({ current_section: section }),
      notifyFieldFocus(fieldName, action) {
        if (user === null || channel.store.get().status !== 'live') return;
        quietly(channel.send('field_focus', { user_id: user.id, field_name: fieldName, action, timestamp: stamp() }));
      },
      isFieldBeingEdited: (fieldName) => Object.hasOwn(editedFields, fieldName),
      moveCursor(section, { x, y }) {
        sendCursor({ section, x, y });
      },
    },
  };
}
