-- Partner organisations and the opportunities they are offered.

create table public.partners (
  id uuid primary key default gen_random_uuid(),
  name text not null check (char_length(name) between 1 and 255),
  name_ar text,
  partner_type text, -- seen: corporate, academic
  status text default 'active',
  email text,
  phone text,
  address text,
  contact_person text,
  collaboration_history text,
  capabilities text[],
  funding_capacity numeric,
  created_at timestamptz default now()
);

-- The platform's later table of that name has the columns of its older `partnership_opportunities`. `requirements` and
-- `benefits` are jsonb, as that table has them: the later `text[]` was added IF NOT EXISTS and so never came to be.
create table public.opportunities (
  id uuid primary key default gen_random_uuid(),
  title_ar varchar(255) not null check (char_length(title_ar) > 0),
  title_en varchar(255),
  description_ar text not null,
  description_en text,
  opportunity_type varchar(50) not null default 'sponsorship', -- seen: sponsorship, collaboration, research, strategic
  budget_min numeric check (budget_min >= 0),
  budget_max numeric check (budget_max >= budget_min),
  deadline date,
  status varchar(20) not null default 'open',
  sector_id uuid,
  department_id uuid,
  category_id uuid,
  manager_id uuid references public.profiles (id) on delete set null,
  created_by uuid default auth.uid() references public.profiles (id) on delete set null,
  contact_person varchar(255),
  contact_email varchar(255),
  requirements jsonb default '[]',
  benefits jsonb default '[]',
  image_url text,
  priority_level varchar(20) default 'medium' check (priority_level in ('low', 'medium', 'high', 'critical')),
  visibility varchar(20) default 'public' check (visibility in ('public', 'internal')),
  location varchar(255),
  target_audience text[],
  success_metrics text,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
create index opportunities_manager_id_idx on public.opportunities (manager_id);
create index opportunities_created_by_idx on public.opportunities (created_by);
create index opportunities_created_at_idx on public.opportunities (created_at desc);

create trigger opportunities_set_updated_at before update on public.opportunities
  for each row execute function public.set_updated_at();

alter table public.partners enable row level security;
alter table public.opportunities enable row level security;

revoke all on public.partners, public.opportunities from anon, authenticated;
grant all on public.partners, public.opportunities to service_role;
grant select, insert, update, delete on public.partners, public.opportunities to authenticated;

create policy "signed-in people see partners" on public.partners
  for select to authenticated using (true);
create policy "partnership managers manage partners" on public.partners
  for all to authenticated
  using ((select public.has_any_role('admin', 'super_admin', 'partnership_manager', 'stakeholder_manager')))
  with check ((select public.has_any_role('admin', 'super_admin', 'partnership_manager', 'stakeholder_manager')));

-- `internal` opportunities are for the innovation team, their manager and those who manage partnerships.
create policy "signed-in people see public opportunities" on public.opportunities
  for select to authenticated using (
    visibility = 'public'
    or manager_id = (select auth.uid())
    or exists (
      select 1 from public.innovation_team_members m where m.user_id = (select auth.uid()) and m.status = 'active'
    )
  );
create policy "partnership managers manage opportunities" on public.opportunities
  for all to authenticated
  using ((select public.has_any_role('admin', 'super_admin', 'partnership_manager')))
  with check ((select public.has_any_role('admin', 'super_admin', 'partnership_manager')));
