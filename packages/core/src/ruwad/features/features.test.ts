import { expect, test } from 'vitest';
import type { PresenceEntry } from '../../channel/types.ts';
import type { GlobalPresenceState, OpportunityPresenceState } from '../rows/presence.ts';
import { onlineUsers } from './globalPresence.ts';
import { collaborators } from './opportunityPeople.ts';
import { createRowUpdates } from './rowUpdates.ts';
import { alertOf } from './statAlerts.ts';
import { countLastDay } from './statistics.ts';

test('the last 24 hours are summed by type and by hour; older and future hours are left out', () => {
  const now = Date.parse('2026-03-02T10:30:00Z');
  const row = (hour: string, count: number, type = 'page_view') => ({ event_type: type, hour, count });
  const { counters, hourly } = countLastDay([
    row('2026-03-02T10:00:00+00:00', 5),
    row('2026-03-02T10:00:00+00:00', 1, 'error'),
    row('2026-03-01T11:00:00+00:00', 7),
    row('2026-03-01T10:00:00+00:00', 100),
    row('2026-03-02T11:00:00+00:00', 100),
    row('nonsense', 100),
  ], now);
  expect({ ...counters }).toEqual({ page_view: 12, error: 1 });
  expect([hourly.length, hourly[0], hourly[23], hourly.reduce((a, b) => a + b)]).toEqual([24, 7, 6, 13]);
});

test('alerts: more than 10 errors, or a page that took over 5 s', () => {
  const event = (type: string, properties: unknown) => alertOf({ id: 'e', event_type: type, user_id: null, properties, timestamp: 't' });
  expect(event('error', { error_count: 10 })).toBeNull();
  expect(event('error', { error_count: 11 })).toMatchObject({ type: 'error_spike', severity: 'high', value: 11 });
  expect(event('page_load', { load_time: 5_001 })).toMatchObject({ type: 'performance', severity: 'medium' });
  expect(event('page_view', { load_time: 9_000 })).toBeNull();
  expect(event('error', 'nonsense')).toBeNull();
});

test('P3: one person is one entry, however many tabs', () => {
  const tab = (page: string, at: string): PresenceEntry<GlobalPresenceState> => ({
    ref: at, state: { user_id: 'someone else', display_name: 'U', role: 'viewer', status: 'online', online_at: at, location_context: { page } },
  });
  expect(onlineUsers(new Map([['u', [tab('/b', '2'), tab('/a', '1')]]]))).toEqual([{ userId: 'u', name: 'U', avatarUrl: null, role: 'viewer', page: '/b', connections: 2 }]);
});

test('P3: of several tabs the busiest says what someone does, the first when they came', () => {
  const tab = (status: OpportunityPresenceState['status'], at: string): PresenceEntry<OpportunityPresenceState> => ({
    ref: at, state: { user_id: 'x', display_name: 'U', status, current_section: status, online_at: at },
  });
  expect(collaborators(new Map([['u', [tab('away', '1'), tab('editing', '2'), tab('viewing', '3')]]]))).toMatchObject([{ userId: 'u', status: 'editing', section: 'editing', onlineAt: '1', connections: 3 }]);
});

test('updates tell the status before and after, and a row that is gone as it was; the latest 50 are kept', () => {
  const updates = createRowUpdates<{ status: string | null }, string>(({ previousStatus, newStatus, type }, id, row) => `${type} ${id} ${String(previousStatus)}>${String(newStatus)} ${String(row.status)}`, () => 0);
  const base = { schema: 'public', table: 't', key: 'a', commitTimestamp: null };
  updates.add({ ...base, type: 'UPDATE', row: { status: 'sent' }, old: { status: 'draft' } });
  updates.add({ ...base, type: 'DELETE', old: { status: 'sent' } });
  expect(updates.list()).toEqual(['DELETE a sent>null sent', 'UPDATE a draft>sent sent']);
  for (let n = 0; n < 60; n += 1) updates.add({ ...base, type: 'INSERT', row: { status: null } });
  expect(updates.list().length).toBe(50);
});
