-- People: profiles, their roles, the innovation team, and the functions every policy asks.
--
-- Conventions of all files here:
-- * A table is closed first (row level security on, all rights of the API roles revoked) and then opened by grant and
--   policy. The grants do not rely on Supabase's default privileges, which newer projects no longer have.
-- * `(select auth.uid())` and `(select public.is_admin())` in a policy are evaluated once a statement, not once a row.
-- * Users are referenced through `public.profiles`, not `auth.users`, so that PostgREST can embed names.
-- * Where the platform's documents know two shapes of a table, the newer, typed one is taken.

create type public.app_role as enum (
  'super_admin', 'admin', 'sector_lead', 'department_head', 'domain_expert', 'evaluator', 'innovator', 'viewer',
  'user_manager', 'role_manager', 'challenge_manager', 'expert_coordinator', 'content_manager', 'system_auditor',
  'data_analyst', 'campaign_manager', 'event_manager', 'stakeholder_manager', 'partnership_manager',
  'external_expert', 'organization_member'
);

create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  email text not null,
  name text not null check (char_length(name) between 1 and 200),
  name_ar text check (char_length(name_ar) <= 200),
  bio text check (char_length(bio) <= 5000),
  department text,
  phone text,
  position text,
  preferred_language text default 'ar' check (preferred_language in ('ar', 'en')),
  profile_image_url text,
  status text default 'active',
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);

create table public.user_roles (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  role public.app_role not null,
  is_active boolean default true,
  granted_at timestamptz default now(),
  expires_at timestamptz,
  granted_by uuid references public.profiles (id) on delete set null,
  unique (user_id, role)
);
create index user_roles_granted_by_idx on public.user_roles (granted_by);

create table public.innovation_team_members (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references public.profiles (id) on delete cascade,
  team_id uuid, -- the platform's teams are not part of this schema
  cic_role text not null,
  status text default 'active',
  department text,
  contact_email text,
  notes text,
  specialization text[],
  current_workload int,
  max_concurrent_projects int,
  performance_rating numeric,
  join_date date,
  created_at timestamptz default now()
);
create index innovation_team_members_user_id_idx on public.innovation_team_members (user_id);

-- Whom policies ask ---------------------------------------------------------------------------------------------------
-- SECURITY DEFINER, because a policy on user_roles that reads user_roles would recurse; the empty search_path keeps a
-- caller from putting its own tables or operators in front.

/* Whether the person holds the role now: active and not expired. */
create function public.has_role(_user_id uuid, _role public.app_role) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.user_roles r
    where r.user_id = _user_id and r.role = _role and r.is_active
      and (r.expires_at is null or r.expires_at > now())
  );
$$;

/* Whether the caller holds any of the roles now. */
create function public.has_any_role(variadic _roles public.app_role[]) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.user_roles r
    where r.user_id = auth.uid() and r.role = any (_roles) and r.is_active
      and (r.expires_at is null or r.expires_at > now())
  );
$$;

/* Whether the caller is an administrator: `admin` or `super_admin`. */
create function public.is_admin() returns boolean
  language sql stable security definer set search_path = '' as $$
  select public.has_any_role('admin', 'super_admin');
$$;

revoke execute on function public.has_role (uuid, public.app_role), public.has_any_role (public.app_role[]),
  public.is_admin () from public, anon;
grant execute on function public.has_role (uuid, public.app_role), public.has_any_role (public.app_role[]),
  public.is_admin () to authenticated, service_role;

-- Triggers ------------------------------------------------------------------------------------------------------------

/*
 * Stamps `updated_at` as a version of the row: strictly greater with every update, also within one transaction and
 * when the clock steps back, so that clients can merge changes by it.
 */
create function public.set_updated_at() returns trigger language plpgsql set search_path = '' as $$
begin
  new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  return new;
end;
$$;

/* Gives every account its profile, and keeps the e-mail address of the profile that of the account. */
create function public.handle_auth_user() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  address text := coalesce(new.email, '');
begin
  insert into public.profiles (id, email, name, name_ar, preferred_language)
  values (
    new.id,
    address,
    coalesce(
      nullif(left(btrim(new.raw_user_meta_data ->> 'name'), 200), ''), nullif(split_part(address, '@', 1), ''), 'Member'
    ),
    left(new.raw_user_meta_data ->> 'name_ar', 200),
    case when new.raw_user_meta_data ->> 'preferred_language' = 'en' then 'en' else 'ar' end
  )
  on conflict (id) do update set email = excluded.email;
  return new;
end;
$$;

revoke execute on function public.set_updated_at (), public.handle_auth_user () from public, anon, authenticated;

create trigger profiles_set_updated_at before update on public.profiles
  for each row execute function public.set_updated_at();

create trigger ruwad_profile_of_user after insert or update of email on auth.users
  for each row execute function public.handle_auth_user();

-- Who may what --------------------------------------------------------------------------------------------------------

alter table public.profiles enable row level security;
alter table public.user_roles enable row level security;
alter table public.innovation_team_members enable row level security;

revoke all on public.profiles, public.user_roles, public.innovation_team_members from anon, authenticated;
grant all on public.profiles, public.user_roles, public.innovation_team_members to service_role;

-- Every signed-in person sees who the others are, but not how to reach them: `email` and `phone` are not granted, so
-- name the columns (`select *` is refused with 42501). Names change by their owner, addresses through Auth.
grant select (id, name, name_ar, bio, department, position, preferred_language, profile_image_url, status, created_at, updated_at)
  on public.profiles to authenticated;
grant update (name, name_ar, bio, department, phone, position, preferred_language, profile_image_url)
  on public.profiles to authenticated;
create policy "signed-in people see profiles" on public.profiles
  for select to authenticated using (true);
create policy "people edit their own profile, administrators any" on public.profiles
  for update to authenticated
  using (id = (select auth.uid()) or (select public.is_admin()))
  with check (id = (select auth.uid()) or (select public.is_admin()));

grant select, insert, update, delete on public.user_roles to authenticated;
create policy "people see their own roles, administrators all" on public.user_roles
  for select to authenticated using (user_id = (select auth.uid()) or (select public.is_admin()));
-- An administrator who is not a super_admin can neither make nor unmake one.
create policy "administrators grant roles" on public.user_roles
  for insert to authenticated
  with check ((select public.is_admin()) and (role <> 'super_admin' or (select public.has_any_role('super_admin'))));
create policy "administrators change roles" on public.user_roles
  for update to authenticated
  using ((select public.is_admin()) and (role <> 'super_admin' or (select public.has_any_role('super_admin'))))
  with check ((select public.is_admin()) and (role <> 'super_admin' or (select public.has_any_role('super_admin'))));
create policy "administrators take roles away" on public.user_roles
  for delete to authenticated
  using ((select public.is_admin()) and (role <> 'super_admin' or (select public.has_any_role('super_admin'))));

grant select, insert, update, delete on public.innovation_team_members to authenticated;
create policy "members see their own row" on public.innovation_team_members
  for select to authenticated using (user_id = (select auth.uid()));
create policy "administrators manage the team" on public.innovation_team_members
  for all to authenticated using ((select public.is_admin())) with check ((select public.is_admin()));
