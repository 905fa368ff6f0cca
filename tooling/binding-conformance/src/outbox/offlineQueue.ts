import { expect, it } from 'vitest';
import { untilLive } from '../expectations.ts';
import { challenges, people } from '../people.ts';
import type { Stage } from '../stage.ts';

/** `useOfflineQueue`, and the features that write through it. */
export function testOfflineQueue({ open, sql }: Stage): void {
  const commentsBy = (user: string) => sql<{ id: string; content: string }>('select id, content from public.challenge_comments where user_id = $1 and content like $2', [user, 'Queued%']);

  it('O1: useOfflineQueue keeps what was written without a network, shows it, and sends it once, in order', async () => {
    const tab = await open('layla', { outbox: true });
    const [discussion, queue] = [tab.mount('useChallengeDiscussion', challenges.emergency), tab.mount('useOfflineQueue')];
    await untilLive(discussion);
    tab.network.cut = true;
    const first = await discussion.current().postComment('Queued first');
    const second = await discussion.current().postComment('Queued second');
    await discussion.current().editComment(second.id, 'Queued second, edited');
    const shown = await discussion.results.now(({ comments }) => comments.at(-1)?.content === 'Queued second, edited', 'the edit');
    expect(shown.comments.slice(-2).map(({ id }) => id)).toEqual([first.id, second.id]);
    expect([...shown.pendingIds].sort()).toEqual([first.id, second.id].sort());
    await queue.results.now(({ isOnline, pendingActions }) => !isOnline && pendingActions.length > 0, 'offline, with writes that wait');
    expect(await commentsBy(people.layla.id)).toEqual([]);

    tab.network.cut = false;
    await queue.results.now(({ isOnline, pendingActions }) => isOnline && pendingActions.length === 0, 'the queue to be empty');
    await discussion.results.now(({ pendingIds }) => pendingIds.size === 0, 'the confirmations');
    expect((await commentsBy(people.layla.id)).map(({ content }) => content).sort()).toEqual(['Queued first', 'Queued second, edited']);
    expect(discussion.current().comments.slice(-2).map(({ content }) => content)).toEqual(['Queued first', 'Queued second, edited']);
    await discussion.current().deleteComment(first.id);
    await discussion.current().deleteComment(second.id);
    await queue.results.now(({ pendingActions }) => pendingActions.length === 0, 'the deletions');
    expect(await commentsBy(people.layla.id)).toEqual([]);
  });

  it('O1: a write that the server refuses is rolled back alone, and useOfflineQueue keeps it with the reason until it is discarded', async () => {
    const tab = await open('layla', { outbox: true });
    const [discussion, queue] = [tab.mount('useChallengeDiscussion', challenges.water), tab.mount('useOfflineQueue')];
    await untilLive(discussion);
    const theirs = discussion.current().comments.find(({ user_id }) => user_id !== people.layla.id);
    if (theirs === undefined) throw new Error('nobody else has written');
    await discussion.current().editComment(theirs.id, 'not mine');
    const mine = await discussion.current().postComment('Queued beside');
    const failed = await queue.results.now(({ failedActions }) => failedActions.length === 1, 'the refusal');
    expect(failed.failedActions[0]?.failure?.message).toMatch(/does not exist or is somebody else's/);
    await queue.results.now(({ pendingActions }) => pendingActions.length === 0, 'the comment to be stored');
    expect(discussion.current().comments.find(({ id }) => id === theirs.id)?.content).toBe(theirs.content);
    expect(discussion.current().comments.at(-1)?.id).toBe(mine.id);
    await queue.current().discard(failed.failedActions[0]?.id ?? '');
    await queue.results.now(({ failedActions }) => failedActions.length === 0, 'the dead letter to be empty');
    await discussion.current().deleteComment(mine.id);
    await queue.results.now(({ pendingActions }) => pendingActions.length === 0, 'the deletion');
  });
}
