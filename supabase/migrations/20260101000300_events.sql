-- Events and who comes.

-- The typed shape, with the later columns that SQL is known for. There is no `start_date`: documents that sort by it
-- mean `event_date`. Of the later columns, `registration_type` is left out, for its type was never seen.
create table public.events (
  id uuid primary key default gen_random_uuid(),
  title_ar text not null check (char_length(title_ar) between 1 and 500),
  description_ar text,
  event_date date not null,
  end_date date check (end_date >= event_date),
  start_time time,
  end_time time,
  event_type text, -- seen: conference, workshop, hackathon, seminar, exhibition
  event_category text,
  event_visibility text,
  format text, -- seen: in_person, virtual, hybrid
  location text,
  virtual_link text,
  status text default 'planning', -- seen: upcoming, planning, active, completed
  recurrence_pattern text,
  recurrence_end_date date,
  is_recurring boolean default false,
  inherit_from_campaign boolean default false,
  max_participants int check (max_participants > 0),
  registered_participants int default 0 check (registered_participants >= 0),
  actual_participants int default 0 check (actual_participants >= 0),
  budget numeric,
  event_manager_id uuid references public.profiles (id) on delete set null,
  campaign_id uuid,
  challenge_id uuid references public.challenges (id) on delete set null,
  sector_id uuid,
  partner_organizations text[],
  related_focus_questions text[],
  target_stakeholder_groups text[],
  created_at timestamptz default now(),
  live_stream_url text,
  recording_url text,
  additional_links text,
  email_reminders boolean default true,
  sms_notifications boolean default false,
  auto_confirmation boolean default true,
  enable_feedback boolean default true,
  enable_qr_checkin boolean default false,
  enable_networking boolean default false,
  record_sessions boolean default false,
  reminder_schedule varchar(20) default '24h',
  event_language varchar(10) default 'ar',
  timezone varchar(64) default 'Asia/Riyadh'
);
create index events_event_date_idx on public.events (event_date, start_time);
create index events_event_manager_id_idx on public.events (event_manager_id);
create index events_challenge_id_idx on public.events (challenge_id);

-- `event_registrations` of the documents: only this table is known to SQL and types. The defaults were not seen.
create table public.event_participants (
  id uuid primary key default gen_random_uuid(),
  event_id uuid not null references public.events (id) on delete cascade,
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  attendance_status varchar(50) not null default 'registered',
  registration_type varchar(50) not null default 'self',
  registration_date timestamptz not null default now(),
  check_in_time timestamptz,
  check_out_time timestamptz check (check_out_time >= check_in_time),
  notes text check (char_length(notes) <= 2000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (event_id, user_id)
);
create index event_participants_user_id_idx on public.event_participants (user_id);

create trigger event_participants_set_updated_at before update on public.event_participants
  for each row execute function public.set_updated_at();

alter table public.events enable row level security;
alter table public.event_participants enable row level security;

revoke all on public.events, public.event_participants from anon, authenticated;
grant all on public.events, public.event_participants to service_role;
grant select, insert, update, delete on public.events, public.event_participants to authenticated;

create policy "signed-in people see events" on public.events
  for select to authenticated using (true);
create policy "event managers manage events" on public.events
  for all to authenticated
  using ((select public.has_any_role('admin', 'super_admin', 'event_manager')))
  with check ((select public.has_any_role('admin', 'super_admin', 'event_manager')));

create policy "people see their own registrations" on public.event_participants
  for select to authenticated using (user_id = (select auth.uid()));
create policy "people register for events" on public.event_participants
  for insert to authenticated with check (user_id = (select auth.uid()));
create policy "people change their own registrations" on public.event_participants
  for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy "people cancel their own registrations" on public.event_participants
  for delete to authenticated using (user_id = (select auth.uid()));
create policy "event managers manage registrations" on public.event_participants
  for all to authenticated
  using ((select public.has_any_role('admin', 'super_admin', 'event_manager')))
  with check ((select public.has_any_role('admin', 'super_admin', 'event_manager')));
