import { challengeDiscussions } from '@ruwad/realtime-core/ruwad';
import { expect, it } from 'vitest';
import { distinct, untilLive } from './expectations.ts';
import { challenges, people } from './people.ts';
import type { Stage } from './stage.ts';
import { createTimeline } from './timeline.ts';

/** The parts the features' hooks are made of, on their own. */
export function testPrimitives({ open, sql }: Stage): void {
  it('C6: useChannel hands messages and changes to the latest handlers, and new handlers cause no join', async () => {
    const [sara, omar] = [await open('sara'), await open('omar')];
    const params = { challengeId: challenges.water };
    const [early, late] = [createTimeline<unknown>(), createTimeline<unknown>()];
    const hers = sara.mount('useChannel', challengeDiscussions, params, { broadcasts: { typing: early.push } });
    const his = omar.mount('useChannel', challengeDiscussions, params, {});
    await Promise.all([untilLive(hers), untilLive(his)]);

    const typing = { user_id: people.omar.id, user_name: 'omar', is_typing: true };
    await his.current().send('typing', typing);
    await early.until(() => true, 'the first message');
    await hers.rerender(challengeDiscussions, { ...params }, { broadcasts: { typing: late.push }, changes: { challenge_comments: late.push } });
    await his.current().send('typing', { ...typing, is_typing: false });
    await late.until(() => true, 'the second message');
    await sql(`insert into challenge_comments (challenge_id, user_id, content) values ($1, $2, 'Through useChannel')`, [challenges.water, people.omar.id]);
    await late.until((entry) => (entry as { type?: string }).type === 'INSERT', 'the change'); // a change or a message

    expect(early.all).toMatchObject([{ event: 'typing', payload: typing }]);
    expect(late.all).toMatchObject([
      { event: 'typing', payload: { is_typing: false } },
      { type: 'INSERT', table: 'challenge_comments', row: { content: 'Through useChannel' } },
    ]);
    expect([sara.recording.sent('phx_join'), sara.recording.sent('phx_leave')]).toEqual([1, 0]);
  });

  it('R4, R9: useLiveQuery shows the rows in order, more on demand, other rows for another query, and what was written while cut off', async () => {
    const { mount, recording } = await open('sara');
    const params = { challengeId: challenges.emergency };
    const order = { table: 'challenge_comments', orderBy: { column: 'created_at', ascending: false } } as const;
    const write = (content: string) =>
      sql(`insert into challenge_comments (challenge_id, user_id, content, created_at) values ($1, $2, $3, (select coalesce(max(created_at), now()) + interval '1 s' from challenge_comments))`, [challenges.emergency, people.omar.id, content]);
    const expected = async (limit: number, where = 'true') =>
      (await sql<{ id: string }>(`select id from challenge_comments where challenge_id = $1 and ${where} order by created_at desc, id limit $2`, [challenges.emergency, limit])).map(({ id }) => id);
    for (const content of ['one', 'two', 'three']) await write(content);

    const query = mount('useLiveQuery', challengeDiscussions, params, { ...order, limit: 2 });
    const first = await untilLive(query);
    expect([first.rows.map(({ id }) => id), first.hasMore]).toEqual([await expected(2), true]);
    await query.current().loadMore();
    expect(query.current().rows.map(({ id }) => id)).toEqual(await expected(4));

    recording.cut();
    await query.results.now(({ status }) => status === 'stale', 'the status to be stale');
    await write('while cut off');
    const back = await query.results.now(({ status, rows }) => status === 'live' && rows[0]?.content === 'while cut off', 'the row');
    expect(back.rows.map(({ id }) => id)).toEqual(await expected(4));

    await query.rerender(challengeDiscussions, params, { ...order, where: [{ column: 'content', operator: 'eq', value: 'two' }] });
    const two = await query.results.now(({ status, rows }) => status === 'live' && rows.length === 1, 'the one row');
    expect(two.rows.map(({ id }) => id)).toEqual(await expected(100, `content = 'two'`));
  });

  it('useConnectionHealth opens nothing, and tells how the socket fares', async () => {
    const { mount, recording } = await open('sara');
    const health = mount('useConnectionHealth');
    expect(health.current()).toMatchObject({ isConnected: false, connectionStatus: { status: 'idle', lastConnected: null } });
    expect(recording.sockets()).toBe(0);

    await untilLive(mount('useRealTimeEvents'));
    const connected = await health.results.now(({ isConnected }) => isConnected, 'the socket to be open');
    recording.cut();
    await health.results.now(({ connectionStatus }) => connectionStatus.status === 'reconnecting', 'the socket to be lost');
    const again = await health.results.now(({ isConnected }) => isConnected, 'the socket to be open again');
    expect(distinct(health.results.all.map(({ connectionStatus }) => connectionStatus.status))).toEqual(['idle', 'connecting', 'open', 'reconnecting', 'open']);
    expect(Number(again.connectionStatus.lastConnected)).toBeGreaterThanOrEqual(Number(connected.connectionStatus.lastConnected));
  });
}
