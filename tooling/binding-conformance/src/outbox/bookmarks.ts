import { expect, it } from 'vitest';
import { untilLive } from '../expectations.ts';
import { challenges, opportunities, people } from '../people.ts';
import type { Stage } from '../stage.ts';

/** `useBookmarks`: five kinds, shown at once, kept while there is no network, and the same on every device. */
export function testBookmarks({ open, sql }: Stage): void {
  const stored = (column: string, id: string) =>
    sql<{ id: string }>(`select id from public.${column}_bookmarks where user_id = $1 and ${column}_id = $2`, [people.layla.id, id]);

  it('O1: useBookmarks shows a bookmark in the call that adds it, and on the person\'s other device once it is stored', async () => {
    const [here, there] = [await open('layla', { outbox: true }), await open('layla')];
    const [hers, other] = [here.mount('useBookmarks'), there.mount('useBookmarks')];
    await Promise.all([untilLive(hers), untilLive(other)]);
    expect(hers.current().isBookmarked(opportunities.lab, 'opportunity')).toBe(false);

    const added = hers.current().addBookmark(opportunities.lab, 'opportunity');
    const shown = await hers.results.now(({ opportunityBookmarks }) => opportunityBookmarks.length === 1, 'the bookmark');
    expect([hers.current().isBookmarked(opportunities.lab, 'opportunity'), shown.pendingIds.has(shown.opportunityBookmarks[0]?.id ?? '')]).toEqual([true, true]);
    await added;
    await hers.results.now(({ pendingIds }) => pendingIds.size === 0, 'the confirmation');
    await other.results.now(({ opportunityBookmarks }) => opportunityBookmarks.length === 1, 'the bookmark on the other device');
    expect(await stored('opportunity', opportunities.lab)).toHaveLength(1);
    // No commit between the call and the confirmation was without it.
    const seen = hers.results.all.slice(hers.results.all.indexOf(shown));
    expect(seen.filter(({ opportunityBookmarks }) => opportunityBookmarks.length !== 1)).toEqual([]);

    await hers.current().removeBookmark(opportunities.lab, 'opportunity');
    await other.results.now(({ opportunityBookmarks }) => opportunityBookmarks.length === 0, 'the removal on the other device');
    expect(await stored('opportunity', opportunities.lab)).toEqual([]);
  });

  it('useBookmarks takes a bookmark that another device made meanwhile for done', async () => {
    const tab = await open('layla', { outbox: true });
    const hers = tab.mount('useBookmarks');
    const queue = tab.mount('useOfflineQueue');
    await untilLive(hers);
    tab.network.cut = true;
    await hers.current().addBookmark(challenges.water, 'challenge');
    await sql('insert into public.challenge_bookmarks (user_id, challenge_id) values ($1, $2)', [people.layla.id, challenges.water]);
    tab.network.cut = false;
    await queue.results.now(({ pendingActions }) => pendingActions.length === 0, 'the queue to be empty');
    await hers.results.now(({ challengeBookmarks, pendingIds }) => challengeBookmarks.length === 1 && pendingIds.size === 0, 'one bookmark');
    expect(queue.current().failedActions).toEqual([]);
    expect(await stored('challenge', challenges.water)).toHaveLength(1);
    await hers.current().removeBookmark(challenges.water, 'challenge');
    await queue.results.now(({ pendingActions }) => pendingActions.length === 0, 'the removal');
  });

  it('useBookmarks adds and removes without an outbox, too', async () => {
    const tab = await open('layla');
    const hers = tab.mount('useBookmarks');
    await untilLive(hers);
    await hers.current().addBookmark(challenges.emergency, 'challenge');
    await hers.results.now(() => hers.current().isBookmarked(challenges.emergency, 'challenge'), 'the bookmark');
    await hers.current().removeBookmark(challenges.emergency, 'challenge');
    await hers.results.now(() => !hers.current().isBookmarked(challenges.emergency, 'challenge'), 'the removal');
  });
}
