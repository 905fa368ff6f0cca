-- Analytics: what happened (raw, for administrators) and how often in which hour (an aggregate kept by trigger).

-- The platform's definition of this table was not found; the columns are those its code and views use.
create table public.analytics_events (
  id uuid primary key default gen_random_uuid(),
  event_type text not null check (char_length(event_type) between 1 and 64),
  properties jsonb default '{}' check (octet_length(properties::text) <= 8192),
  user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  session_id text check (char_length(session_id) <= 128),
  "timestamp" timestamptz not null default now(),
  created_at timestamptz default now()
);
create index analytics_events_timestamp_idx on public.analytics_events ("timestamp" desc);
create index analytics_events_type_idx on public.analytics_events (event_type, "timestamp" desc);
create index analytics_events_user_id_idx on public.analytics_events (user_id);

-- Absolute counts: a client that reads this table and follows its changes counts nothing twice. An hour that lost all
-- its events stays, with 0: a DELETE would tell its key to every subscriber, whatever the policies say.
create table public.analytics_hourly (
  event_type text not null,
  hour timestamptz not null,
  count bigint not null default 0,
  primary key (event_type, hour)
);
create index analytics_hourly_hour_idx on public.analytics_hourly (hour desc);

/*
 * Adds what a statement changed to the hours, in one upsert: safe beside other writers, since each count is read and
 * written under its row lock. Hours are locked in one order, so that statements do not deadlock; hours are UTC hours.
 */
create function public.count_analytics_hours() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'TRUNCATE' then
    update public.analytics_hourly set count = 0 where count <> 0;
  elsif tg_op = 'INSERT' then
    insert into public.analytics_hourly as kept (event_type, hour, count)
    select n.event_type, date_trunc('hour', n."timestamp", 'UTC'), count(*)
    from new_events n group by 1, 2 order by 1, 2
    on conflict (event_type, hour) do update set count = kept.count + excluded.count;
  elsif tg_op = 'DELETE' then
    insert into public.analytics_hourly as kept (event_type, hour, count)
    select o.event_type, date_trunc('hour', o."timestamp", 'UTC'), -count(*)
    from old_events o group by 1, 2 order by 1, 2
    on conflict (event_type, hour) do update set count = kept.count + excluded.count;
  else
    insert into public.analytics_hourly as kept (event_type, hour, count)
    select moved.event_type, date_trunc('hour', moved."timestamp", 'UTC'), sum(moved.delta)
    from (
      select event_type, "timestamp", 1 as delta from new_events
      union all
      select event_type, "timestamp", -1 from old_events
    ) moved
    group by 1, 2 having sum(moved.delta) <> 0 order by 1, 2
    on conflict (event_type, hour) do update set count = kept.count + excluded.count;
  end if;
  return null;
end;
$$;
revoke execute on function public.count_analytics_hours () from public, anon, authenticated;

create trigger analytics_events_count_insert after insert on public.analytics_events
  referencing new table as new_events for each statement execute function public.count_analytics_hours();
create trigger analytics_events_count_update after update on public.analytics_events
  referencing old table as old_events new table as new_events
  for each statement execute function public.count_analytics_hours();
create trigger analytics_events_count_delete after delete on public.analytics_events
  referencing old table as old_events for each statement execute function public.count_analytics_hours();
create trigger analytics_events_count_truncate after truncate on public.analytics_events
  for each statement execute function public.count_analytics_hours();

/* Records an event of the caller, now. The way in for people, who may not read the table they write to. */
create function public.track_event(p_event_type text, p_properties jsonb default '{}', p_session_id text default null)
  returns void language sql set search_path = '' as $$
  insert into public.analytics_events (event_type, properties, session_id)
  values (p_event_type, coalesce(p_properties, '{}'), p_session_id);
$$;
revoke execute on function public.track_event (text, jsonb, text) from public, anon;
grant execute on function public.track_event (text, jsonb, text) to authenticated, service_role;

alter table public.analytics_events enable row level security;
alter table public.analytics_hourly enable row level security;

revoke all on public.analytics_events, public.analytics_hourly from anon, authenticated;
grant all on public.analytics_events, public.analytics_hourly to service_role;

-- A person may add what they did, never when they did it: `timestamp` is not granted.
grant select, insert (id, event_type, properties, user_id, session_id), delete on public.analytics_events to authenticated;
create policy "administrators see analytics" on public.analytics_events
  for select to authenticated using ((select public.is_admin()));
create policy "people record what they did" on public.analytics_events
  for insert to authenticated with check (user_id = (select auth.uid()));
create policy "administrators delete analytics" on public.analytics_events
  for delete to authenticated using ((select public.is_admin()));

grant select on public.analytics_hourly to authenticated;
create policy "administrators see the hours" on public.analytics_hourly
  for select to authenticated using ((select public.is_admin()));
