import { expect, it } from 'vitest';
import { untilLive } from '../expectations.ts';
import { opportunities, people } from '../people.ts';
import type { Stage } from '../stage.ts';

/** `opportunity-presence-<id>`: who is in the room, what they do and where they point. */
export function testOpportunityPresence({ open }: Stage): void {
  it('useOpportunityPresence shows another person come, work and go', async () => {
    const [sara, omar] = [await open('sara'), await open('omar', { lingerMs: 0 })];
    const hers = sara.mount('useOpportunityPresence', opportunities.hackathon);
    await untilLive(hers);
    const his = omar.mount('useOpportunityPresence', opportunities.hackathon);
    await untilLive(his);

    const together = await hers.results.now(({ userCount }) => userCount === 2, 'two people in the room');
    expect(together.collaborators).toMatchObject([{ userId: people.omar.id, name: 'omar', status: 'viewing', connections: 1 }]);
    expect(hers.current().isUserOnline(people.omar.id)).toBe(true);
    expect(hers.current().isUserOnline(people.layla.id)).toBe(false);

    await his.current().updatePresenceStatus('editing');
    await hers.results.now(({ collaborators }) => collaborators[0]?.status === 'editing', 'omar to edit');
    his.current().notifyFieldFocus('budget_max', 'focus');
    const editing = await hers.results.now(({ editedFields }) => 'budget_max' in editedFields, 'a field to be edited');
    expect(editing.editedFields).toEqual({ budget_max: people.omar.id });
    expect([hers.current().isFieldBeingEdited('budget_max'), his.current().isFieldBeingEdited('budget_max')]).toEqual([true, false]);
    his.current().moveCursor('overview', { x: 0.25, y: 0.5 });
    const pointing = await hers.results.now(({ cursors }) => cursors.length > 0, 'a cursor');
    expect(pointing.cursors).toEqual([{ userId: people.omar.id, section: 'overview', x: 0.25, y: 0.5 }]);

    his.unmount();
    const alone = await hers.results.now(({ userCount }) => userCount === 1, 'omar to leave');
    expect(alone.collaborators).toEqual([]);
  });
}
