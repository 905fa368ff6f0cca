import { expect, it } from 'vitest';
import { untilLive } from '../expectations.ts';
import { people } from '../people.ts';
import type { Stage } from '../stage.ts';

/** `global-presence`: who is on the platform and where. */
export function testGlobalPresence({ open }: Stage): void {
  it('P3: useGlobalPresence counts people, not tabs, and says where they are', async () => {
    const sara = await open('sara');
    const hers = sara.mount('useGlobalPresence');
    await untilLive(hers);
    const [first, second] = [(await open('omar')).mount('useGlobalPresence'), (await open('omar')).mount('useGlobalPresence')];
    await Promise.all([untilLive(first), untilLive(second)]);

    const both = await hers.results.now(({ onlineUsers }) => onlineUsers.some(({ connections }) => connections === 2), 'both tabs of omar');
    expect(both.totalOnline).toBe(2);
    expect(both.byRole).toEqual({ innovator: 2 });
    expect(both.recentActivity.filter(({ userId }) => userId === people.omar.id)).toMatchObject([{ action: 'joined', name: 'omar' }]);

    await hers.current().updateLocation({ page: '/challenges' });
    const moved = await first.results.now(({ byLocation }) => byLocation['/challenges'] === 1, 'sara to move');
    expect(moved.onlineUsers.find(({ userId }) => userId === people.sara.id)?.page).toBe('/challenges');
  });
}
