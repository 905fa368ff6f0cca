import { expect, it } from 'vitest';
import { distinct, untilLive } from './expectations.ts';
import { challenges } from './people.ts';
import type { Stage } from './stage.ts';

/** Mounting, rendering and unmounting: what a binding may and may not cause on the wire. */
export function testLifecycle({ open }: Stage): void {
  it('U1: goes through the same statuses in every binding: mounted, live, cut off, live again', async () => {
    const { mount, recording } = await open('sara');
    const events = mount('useRealTimeEvents');
    await untilLive(events);
    recording.cut();
    await events.results.now(({ status }) => status === 'stale', 'the status to be stale');
    await untilLive(events);
    expect(distinct(events.results.all.map(({ status }) => status))).toEqual(['idle', 'loading', 'live', 'stale', 'live']);
    expect(events.results.all.every(({ status, isConnected }) => status !== 'live' || isConnected)).toBe(true);
  });

  it('R1: is not live before the verdict on the replication subscription', async () => {
    const { mount, recording } = await open('sara');
    const release = recording.hold('system');
    const events = mount('useRealTimeEvents');
    await recording.frames.until((frame) => frame.topic === 'event-notifications' && frame.event === 'system', 'the verdict');
    // A join on the same socket that needs no verdict shows that there was time to go live.
    await untilLive(mount('useGlobalPresence'));
    expect(events.current()).toMatchObject({ status: 'loading', isConnected: false });
    release();
    await untilLive(events);
    expect(distinct(events.results.all.map(({ status }) => status))).toEqual(['idle', 'loading', 'live']);
  });

  it('C6: a thousand components of one hook cause one join and no leave, whatever they render', async () => {
    const { mount, recording } = await open('sara');
    const discussions = Array.from({ length: 1_000 }, () => mount('useChallengeDiscussion', challenges.water));
    await Promise.all(discussions.map(untilLive));
    for (const discussion of discussions) await discussion.rerender(challenges.water);
    expect([recording.sent('phx_join'), recording.sent('phx_leave')]).toEqual([1, 0]);
  });

  it('U2: unmounting the last component leaves the channel; a component that comes in time keeps it', async () => {
    const { mount, recording } = await open('sara');
    const [first, second] = [mount('useRealTimeEvents'), mount('useRealTimeEvents')];
    await Promise.all([untilLive(first), untilLive(second)]);
    first.unmount();
    second.unmount();
    const third = mount('useRealTimeEvents');
    await untilLive(third);
    expect([recording.sent('phx_join'), recording.sent('phx_leave')]).toEqual([1, 0]);

    third.unmount();
    await recording.frames.until((frame) => frame.event === 'phx_close', 'the server to have closed the channel');
    expect([recording.sent('phx_join'), recording.sent('phx_leave')]).toEqual([1, 1]);
  });

  it('U2: other arguments join the other channel and leave the first', async () => {
    const { mount, recording } = await open('sara', { lingerMs: 0 });
    const discussion = mount('useChallengeDiscussion', challenges.water);
    await untilLive(discussion);
    await discussion.rerender(challenges.emergency);
    const [old, next] = [challenges.water, challenges.emergency].map((id) => `challenge_discussions:${id}`);
    await recording.frames.until((frame) => frame.event === 'phx_close' && frame.topic === old, 'the first channel to be closed');
    const { comments } = await untilLive(discussion).then(() => discussion.current());
    expect(comments.filter(({ challenge_id }) => challenge_id !== challenges.emergency)).toEqual([]);
    expect([recording.sent('phx_join', old), recording.sent('phx_join', next), recording.sent('phx_leave', next)]).toEqual([1, 1, 0]);
  });
}
