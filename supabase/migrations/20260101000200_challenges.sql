-- Challenges, who takes part, what they say, and what they are told.

-- Columns ending in `_id` without a foreign key point at tables of the platform that are not part of this schema.
create table public.challenges (
  id uuid primary key default gen_random_uuid(),
  title_ar text not null check (char_length(title_ar) between 1 and 500),
  description_ar text not null,
  status text default 'draft', -- seen: draft, planning, active, published, evaluation, completed
  priority_level text default 'medium', -- seen: low, medium, high, critical; one seed writes Arabic words
  sensitivity_level text default 'normal',
  challenge_type text,
  kpi_alignment text,
  vision_2030_goal text,
  collaboration_details text,
  internal_team_notes text,
  start_date date,
  end_date date check (end_date >= start_date),
  estimated_budget numeric,
  actual_budget numeric,
  sector_id uuid,
  deputy_id uuid,
  department_id uuid,
  domain_id uuid,
  sub_domain_id uuid,
  service_id uuid,
  assigned_expert_id uuid references public.profiles (id) on delete set null,
  challenge_owner_id uuid references public.profiles (id) on delete set null,
  partner_organization_id uuid references public.partners (id) on delete set null,
  created_by uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  image_url text
);
create index challenges_assigned_expert_id_idx on public.challenges (assigned_expert_id);
create index challenges_challenge_owner_id_idx on public.challenges (challenge_owner_id);
create index challenges_partner_organization_id_idx on public.challenges (partner_organization_id);
create index challenges_created_by_idx on public.challenges (created_by);
create index challenges_created_at_idx on public.challenges (created_at desc);

create table public.challenge_notifications (
  id uuid primary key default gen_random_uuid(),
  challenge_id uuid not null references public.challenges (id) on delete cascade,
  recipient_id uuid not null references public.profiles (id) on delete cascade,
  sender_id uuid references public.profiles (id) on delete set null,
  notification_type varchar(50) not null check (
    notification_type in ('deadline_reminder', 'status_change', 'new_comment', 'expert_feedback', 'submission_update')
  ),
  title varchar(255) not null check (char_length(title) > 0),
  message text not null check (char_length(message) <= 5000),
  is_read boolean default false,
  action_url text,
  metadata jsonb default '{}' check (octet_length(metadata::text) <= 8192),
  created_at timestamptz default now()
);
-- The list of one person, newest first; the partial index answers the unread count without touching the table.
create index challenge_notifications_list_idx on public.challenge_notifications (recipient_id, created_at desc);
create index challenge_notifications_unread_idx on public.challenge_notifications (recipient_id) where not is_read;
create index challenge_notifications_challenge_id_idx on public.challenge_notifications (challenge_id);
create index challenge_notifications_sender_id_idx on public.challenge_notifications (sender_id);

create table public.challenge_comments (
  id uuid primary key default gen_random_uuid(),
  challenge_id uuid not null references public.challenges (id) on delete cascade,
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  parent_comment_id uuid references public.challenge_comments (id) on delete cascade,
  content text not null check (char_length(btrim(content)) between 1 and 5000),
  is_expert_comment boolean default false,
  is_pinned boolean default false,
  likes_count int default 0 check (likes_count >= 0),
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
create index challenge_comments_list_idx on public.challenge_comments (challenge_id, created_at);
create index challenge_comments_user_id_idx on public.challenge_comments (user_id);
create index challenge_comments_parent_comment_id_idx on public.challenge_comments (parent_comment_id);

-- The shape of the platform's SQL; its app has a newer one (joined_at; active, inactive, removed) that no migration has.
create table public.challenge_participants (
  id uuid primary key default gen_random_uuid(),
  challenge_id uuid not null references public.challenges (id) on delete cascade,
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  participation_type varchar(50) default 'individual'
    check (participation_type in ('individual', 'team_lead', 'team_member')),
  team_name varchar(255),
  registration_date timestamptz default now(),
  status varchar(50) default 'registered' check (status in ('registered', 'active', 'inactive', 'disqualified')),
  notifications_enabled boolean default true,
  created_at timestamptz default now(),
  unique (challenge_id, user_id)
);
create index challenge_participants_user_id_idx on public.challenge_participants (user_id);

-- Triggers ------------------------------------------------------------------------------------------------------------

create trigger challenges_set_updated_at before update on public.challenges
  for each row execute function public.set_updated_at();
create trigger challenge_comments_set_updated_at before update on public.challenge_comments
  for each row execute function public.set_updated_at();

/* Marks the comments of experts, so that nobody can claim it; SECURITY DEFINER to ask for the author, not the caller. */
create function public.mark_expert_comment() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  new.is_expert_comment := public.has_role(new.user_id, 'domain_expert') or public.has_role(new.user_id, 'external_expert');
  return new;
end;
$$;

create trigger challenge_comments_mark_expert before insert on public.challenge_comments
  for each row execute function public.mark_expert_comment();

/*
 * Tells active participants that the status of their challenge changed. `registered`, the default, gets nothing: that
 * is the platform's rule. One row has one title, and it is Arabic; the codes are in `metadata` for clients that localise.
 */
create function public.notify_challenge_status() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into public.challenge_notifications
    (challenge_id, recipient_id, sender_id, notification_type, title, message, action_url, metadata)
  select new.id, p.user_id, sender.id, 'status_change', 'تحديث حالة التحدي',
    'تغيّرت حالة التحدي «' || new.title_ar || '»', '/challenges/' || new.id,
    jsonb_build_object('old_status', old.status, 'new_status', new.status, 'title_ar', new.title_ar)
  from public.challenge_participants p
  left join public.profiles sender on sender.id = auth.uid()
  where p.challenge_id = new.id and p.status = 'active' and p.notifications_enabled;
  return null;
end;
$$;

create trigger challenges_notify_status after update of status on public.challenges
  for each row when (old.status is distinct from new.status) execute function public.notify_challenge_status();

/*
 * Sends one notification and returns its id. Administrators, challenge managers and the service role only: the table
 * has no INSERT policy, so this and the trigger above are the only ways in.
 */
create function public.send_challenge_notification(
  p_challenge_id uuid,
  p_recipient_id uuid,
  p_notification_type text,
  p_title text,
  p_message text,
  p_action_url text default null,
  p_metadata jsonb default '{}'
) returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  notification_id uuid;
begin
  if (auth.jwt() ->> 'role') is distinct from 'service_role'
    and not public.has_any_role('admin', 'super_admin', 'challenge_manager') then
    raise insufficient_privilege using message = 'only administrators and challenge managers send notifications';
  end if;
  insert into public.challenge_notifications
    (challenge_id, recipient_id, sender_id, notification_type, title, message, action_url, metadata)
  values
    (p_challenge_id, p_recipient_id, auth.uid(), p_notification_type, p_title, p_message, p_action_url, coalesce(p_metadata, '{}'))
  returning id into notification_id;
  return notification_id;
end;
$$;

revoke execute on function public.mark_expert_comment (), public.notify_challenge_status () from public, anon, authenticated;
revoke execute on function public.send_challenge_notification (uuid, uuid, text, text, text, text, jsonb) from public, anon;
grant execute on function public.send_challenge_notification (uuid, uuid, text, text, text, text, jsonb)
  to authenticated, service_role;

-- Who may what --------------------------------------------------------------------------------------------------------

alter table public.challenges enable row level security;
alter table public.challenge_notifications enable row level security;
alter table public.challenge_comments enable row level security;
alter table public.challenge_participants enable row level security;

revoke all on public.challenges, public.challenge_notifications, public.challenge_comments, public.challenge_participants
  from anon, authenticated;
grant all on public.challenges, public.challenge_notifications, public.challenge_comments, public.challenge_participants
  to service_role;

grant select, insert, update, delete on public.challenges to authenticated;
create policy "signed-in people see challenges" on public.challenges
  for select to authenticated using (true);
create policy "challenge managers manage challenges" on public.challenges
  for all to authenticated
  using ((select public.has_any_role('admin', 'super_admin', 'challenge_manager')))
  with check ((select public.has_any_role('admin', 'super_admin', 'challenge_manager')));

-- Recipients read, mark as read and clear; what was said to them and by whom is not theirs to change.
grant select, update (is_read), delete on public.challenge_notifications to authenticated;
create policy "recipients see their notifications" on public.challenge_notifications
  for select to authenticated using (recipient_id = (select auth.uid()));
create policy "recipients mark their notifications" on public.challenge_notifications
  for update to authenticated
  using (recipient_id = (select auth.uid())) with check (recipient_id = (select auth.uid()));
create policy "recipients clear their notifications" on public.challenge_notifications
  for delete to authenticated using (recipient_id = (select auth.uid()));

-- Discussions are open to read, signed in or not. Pins, likes and the expert mark are not the author's to set.
grant select on public.challenge_comments to anon, authenticated;
grant insert (id, challenge_id, user_id, parent_comment_id, content), update (content), delete
  on public.challenge_comments to authenticated;
create policy "everyone reads comments" on public.challenge_comments
  for select to anon, authenticated using (true);
create policy "people comment as themselves" on public.challenge_comments
  for insert to authenticated with check (user_id = (select auth.uid()));
create policy "people edit their own comments" on public.challenge_comments
  for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy "people delete their own comments, administrators any" on public.challenge_comments
  for delete to authenticated using (user_id = (select auth.uid()) or (select public.is_admin()));

-- The platform shows participants to everyone; here one signs in first, for they are names of people. A participant
-- registers and withdraws, chooses a team and mutes notices; being made `active` or `disqualified` is for managers. Nobody
-- moves a participation to another challenge or person, for that would carry its status along.
grant select, delete,
  insert (id, challenge_id, user_id, participation_type, team_name, status, notifications_enabled),
  update (participation_type, team_name, status, notifications_enabled)
  on public.challenge_participants to authenticated;
create policy "signed-in people see participants" on public.challenge_participants
  for select to authenticated using (true);
create policy "people register themselves" on public.challenge_participants
  for insert to authenticated with check (user_id = (select auth.uid()) and status = 'registered');
create policy "people change their own participation" on public.challenge_participants
  for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy "people withdraw" on public.challenge_participants
  for delete to authenticated using (user_id = (select auth.uid()));
create policy "challenge managers manage participants" on public.challenge_participants
  for all to authenticated
  using ((select public.has_any_role('admin', 'super_admin', 'challenge_manager')))
  with check ((select public.has_any_role('admin', 'super_admin', 'challenge_manager')));

/* A policy cannot compare a row with what it was, so the rule on `status` above is kept by a trigger. */
create function public.guard_participant_status() returns trigger language plpgsql set search_path = '' as $$
begin
  if row_security_active('public.challenge_participants')
    and not public.has_any_role('admin', 'super_admin', 'challenge_manager')
    and not (new.status = 'inactive' and old.status <> 'disqualified') then
    raise insufficient_privilege using message = 'only challenge managers change the status of a participant';
  end if;
  return new;
end;
$$;
revoke execute on function public.guard_participant_status () from public, anon, authenticated;

create trigger challenge_participants_guard_status before update of status on public.challenge_participants
  for each row when (old.status is distinct from new.status) execute function public.guard_participant_status();
