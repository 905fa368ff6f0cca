import type { Observable } from 'rxjs';
import type { SupabaseClient } from '@supabase/supabase-js';
import { createRealtimeClient } from './index.ts';
import type { Channel, Change, LiveQuery, RealtimeClient } from './index.ts';
import { challengeDiscussions, createChallengeDiscussion, eventNotifications, globalPresence, type ChallengeComment, type ChallengeDiscussion, type GlobalPresenceState } from './ruwad/index.ts';

declare const realtime: RealtimeClient;

const discussion = realtime.channel(challengeDiscussions, { challengeId: 'c' });
export const comments: Observable<Change<ChallengeComment>> = discussion.changes$('challenge_comments');
export const typing: Observable<{ payload: { user_id: string; user_name: string; is_typing: boolean } }> = discussion.broadcast$('typing');
export const events: Channel<typeof eventNotifications> = realtime.channel(eventNotifications);
export const present: Observable<ReadonlyMap<string, readonly { state: GlobalPresenceState }[]>> = realtime.channel(globalPresence).presence$;
export const live: LiveQuery<ChallengeComment> = realtime.live({ channel: discussion, table: 'challenge_comments', orderBy: { column: 'created_at' } });
export const ofDefinition: LiveQuery<ChallengeComment> = realtime.live({ channel: challengeDiscussions, params: { challengeId: 'c' }, table: 'challenge_comments', orderBy: { column: 'created_at' } });
export const withoutParams: LiveQuery<{ id: string }> = realtime.live({ channel: eventNotifications, table: 'events', orderBy: { column: 'id' }, select: ['id'] });
export const feature: ChallengeDiscussion = realtime.feature(createChallengeDiscussion, { challengeId: 'c' });

interface Database { public: { Tables: { notes: { Row: { id: string }; Insert: { id: string }; Update: { id?: string }; Relationships: [] } }; Views: Record<string, never>; Functions: Record<string, never> } }
declare const typedSupabase: SupabaseClient<Database>;
/** A client that knows the app's own tables will do. */
export const ofTypedClient: RealtimeClient = createRealtimeClient({ supabase: typedSupabase });

/** What a change holds depends on its type. */
export const bodyOf = (change: Change<ChallengeComment>): string | undefined => (change.type === 'DELETE' ? change.old.content : change.row.content);

// @ts-expect-error -- params are required
realtime.channel(challengeDiscussions);
// @ts-expect-error -- these params are another channel's
realtime.channel(challengeDiscussions, { userId: 'u' });
// @ts-expect-error -- this channel takes none
realtime.channel(eventNotifications, {});
// @ts-expect-error -- no such table
discussion.changes$('comments');
// @ts-expect-error -- no such event
discussion.broadcast$('typed');
// @ts-expect-error -- an incomplete payload
void discussion.send('typing', { user_id: 'u' });
// @ts-expect-error -- a channel without presence has no state to share
void discussion.track({ name: 'x' });
// @ts-expect-error -- no such column
realtime.live({ channel: discussion, table: 'challenge_comments', orderBy: { column: 'body' } });
// @ts-expect-error -- the definition needs params
realtime.live({ channel: challengeDiscussions, table: 'challenge_comments', orderBy: { column: 'created_at' } });
// @ts-expect-error -- these params are another channel's
realtime.live({ channel: challengeDiscussions, params: { userId: 'u' }, table: 'challenge_comments', orderBy: { column: 'created_at' } });
// @ts-expect-error -- an open channel has its params
realtime.live({ channel: discussion, params: { challengeId: 'c' }, table: 'challenge_comments', orderBy: { column: 'created_at' } });
// @ts-expect-error -- no such column of the definition's table
realtime.live({ channel: challengeDiscussions, params: { challengeId: 'c' }, table: 'challenge_comments', orderBy: { column: 'body' } });
// @ts-expect-error -- a deleted row has no row
export type RowOfDeleted = Extract<Change<ChallengeComment>, { type: 'DELETE' }>['row'];
// @ts-expect-error -- options are required
realtime.feature(createChallengeDiscussion, undefined);
