-- What Realtime carries: the tables clients listen to, and who may enter which private channel.

-- Every Supabase project has this publication; a bare Postgres does not.
do $$
begin
  if not exists (select 1 from pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
  end if;
end;
$$;

alter publication supabase_realtime add table
  public.challenges,
  public.challenge_notifications,
  public.challenge_comments,
  public.challenge_participants,
  public.events,
  public.event_participants,
  public.ideas,
  public.opportunities,
  public.analytics_events,
  public.analytics_hourly,
  public.challenge_bookmarks,
  public.idea_bookmarks,
  public.event_bookmarks,
  public.opportunity_bookmarks,
  public.partner_bookmarks;

-- REPLICA IDENTITY FULL, for three reasons:
-- 1. A DELETE matches a filter by its old row, which by default is the primary key alone: `user_id=eq.…` on bookmarks,
--    `challenge_id=eq.…` on comments and participants, `recipient_id=eq.…` and `innovator_id=eq.…` would never match.
-- 2. "The status changed from … to …" (challenges, events, ideas) needs the old values of an UPDATE.
-- 3. A long text that an UPDATE did not touch is left out of the change unless the old row carries it.
-- It widens nobody's view by DELETE: under row level security its old row is cut to the primary key, whatever the
-- identity. An UPDATE brings its old row to those who may see the new one, so what an idea said before its approval can
-- reach those who see it then; that is wanted here, and no other table has rows that become visible to more people.
-- The analytics tables keep the default: nobody filters their deletes, and they are written most.
alter table public.challenges replica identity full;
alter table public.challenge_notifications replica identity full;
alter table public.challenge_comments replica identity full;
alter table public.challenge_participants replica identity full;
alter table public.events replica identity full;
alter table public.event_participants replica identity full;
alter table public.ideas replica identity full;
alter table public.opportunities replica identity full;
alter table public.challenge_bookmarks replica identity full;
alter table public.idea_bookmarks replica identity full;
alter table public.event_bookmarks replica identity full;
alter table public.opportunity_bookmarks replica identity full;
alter table public.partner_bookmarks replica identity full;

-- Private channels. A join asks SELECT, sending and tracking ask INSERT, each with the extension it is about. What a
-- topic is about is guarded by the tables: these rooms carry typing, cursors and presence only.
create policy "signed-in people hear rooms" on realtime.messages
  for select to authenticated using (
    extension in ('broadcast', 'presence')
    and (
      (select realtime.topic()) = 'global-presence'
      or (select realtime.topic()) like 'challenge\_discussions:%'
      or (select realtime.topic()) like 'opportunity-presence-%'
    )
  );
create policy "signed-in people speak in rooms" on realtime.messages
  for insert to authenticated with check (
    extension in ('broadcast', 'presence')
    and (
      (select realtime.topic()) = 'global-presence'
      or (select realtime.topic()) like 'challenge\_discussions:%'
      or (select realtime.topic()) like 'opportunity-presence-%'
    )
  );
-- Only the database speaks on `dashboard-updates`: there is no INSERT policy for it.
create policy "administrators hear dashboard-updates" on realtime.messages
  for select to authenticated using (
    extension = 'broadcast' and (select realtime.topic()) = 'dashboard-updates' and (select public.is_admin())
  );
