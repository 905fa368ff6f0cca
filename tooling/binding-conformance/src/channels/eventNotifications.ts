import { expect, it } from 'vitest';
import { untilLive } from '../expectations.ts';
import type { Stage } from '../stage.ts';

/** `event-notifications`: the events of the platform and what happens to them. */
export function testEventNotifications({ sql, open }: Stage): void {
  it('useRealTimeEvents shows an event come, change its status and go', async () => {
    const sara = await open('sara');
    const events = sara.mount('useRealTimeEvents');
    await untilLive(events);

    const [row] = await sql<{ id: string }>(
      `insert into events (title_ar, event_date, status) values ('لقاء المبتكرين', current_date + 7, 'planning') returning id`,
    );
    const id = row?.id ?? '';
    const added = await events.results.now(({ eventUpdates }) => eventUpdates[0]?.eventId === id, 'the new event');
    expect(added.eventUpdates[0]).toMatchObject({ type: 'INSERT', event: { title_ar: 'لقاء المبتكرين' }, newStatus: 'planning' });
    expect(added.events.map((event) => event.id)).toContain(id);

    await sql(`update events set status = 'upcoming' where id = $1`, [id]);
    const changed = await events.results.now(({ eventUpdates }) => eventUpdates[0]?.type === 'UPDATE', 'the new status');
    expect(changed.eventUpdates[0]).toMatchObject({ eventId: id, previousStatus: 'planning', newStatus: 'upcoming' });
    expect(changed.events.find((event) => event.id === id)?.status).toBe('upcoming');

    await sql('delete from events where id = $1', [id]);
    const gone = await events.results.now(({ eventUpdates }) => eventUpdates[0]?.type === 'DELETE', 'the event to go');
    expect(gone.eventUpdates[0]?.eventId).toBe(id);
    expect(gone.events.map((event) => event.id)).not.toContain(id);
  });
}
