import { expect, it } from 'vitest';
import { untilLive } from '../expectations.ts';
import { people } from '../people.ts';
import type { Stage } from '../stage.ts';

/** `idea-notifications`: the ideas of one innovator. */
export function testIdeaNotifications({ sql, open }: Stage): void {
  it('useIdeaNotifications tells an innovator, and no other, that the status of their idea changed', async () => {
    const submit = async (userId: string) => {
      const [row] = await sql<{ id: string }>(
        `insert into ideas (title_ar, description_ar, innovator_id, status)
         select 'فكرة للاختبار', 'وصف', id, 'submitted' from innovators where user_id = $1 returning id`,
        [userId],
      );
      return row?.id ?? '';
    };
    const approve = (id: string) => sql(`update ideas set status = 'approved' where id = $1`, [id]);
    const [herIdea, hisIdea] = [await submit(people.sara.id), await submit(people.omar.id)];
    const [sara, omar] = [await open('sara'), await open('omar')];
    const [hers, his] = [sara.mount('useIdeaNotifications'), omar.mount('useIdeaNotifications')];
    await Promise.all([untilLive(hers), untilLive(his)]);
    expect(hers.current().ideas.map(({ id }) => id)).toContain(herIdea);

    await approve(herIdea);
    await approve(hisIdea);
    const hersNow = await hers.results.now(({ ideaUpdates }) => ideaUpdates.length > 0, "the status of sara's idea");
    expect(hersNow.ideaUpdates[0]).toMatchObject({ ideaId: herIdea, type: 'UPDATE', previousStatus: 'submitted', newStatus: 'approved' });
    expect(hersNow.ideas.find(({ id }) => id === herIdea)?.status).toBe('approved');
    // His change was committed after hers.
    const hisNow = await his.results.now(({ ideaUpdates }) => ideaUpdates.length > 0, "the status of omar's idea");
    expect(hisNow.ideaUpdates.map(({ ideaId }) => ideaId)).toEqual([hisIdea]);
  });
}
