-- Innovators and their ideas.

create table public.innovators (
  id uuid primary key default gen_random_uuid(),
  user_id uuid unique references public.profiles (id) on delete cascade,
  innovation_background text,
  experience_level text,
  areas_of_interest text[],
  innovation_score numeric,
  total_ideas_submitted int default 0,
  total_ideas_approved int default 0,
  created_at timestamptz default now()
);

-- An idea belongs to an innovator, not to a user: `submitted_by`, which the documents filter by, does not exist here.
create table public.ideas (
  id uuid primary key default gen_random_uuid(),
  title_ar text not null check (char_length(title_ar) between 1 and 500),
  description_ar text not null,
  innovator_id uuid not null references public.innovators (id) on delete cascade,
  challenge_id uuid references public.challenges (id) on delete set null,
  focus_question_id uuid,
  -- seen: draft, submitted, under_review, approved, rejected, in_development, implemented; documents add published
  status text default 'draft',
  maturity_level text,
  solution_approach text,
  implementation_plan text,
  expected_impact text,
  resource_requirements text,
  alignment_score numeric,
  feasibility_score numeric,
  impact_score numeric,
  innovation_score numeric,
  overall_score numeric,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
create index ideas_innovator_id_idx on public.ideas (innovator_id, created_at desc);
create index ideas_challenge_id_idx on public.ideas (challenge_id);
create index ideas_status_idx on public.ideas (status, created_at desc);

create trigger ideas_set_updated_at before update on public.ideas
  for each row execute function public.set_updated_at();

alter table public.innovators enable row level security;
alter table public.ideas enable row level security;

revoke all on public.innovators, public.ideas from anon, authenticated;
grant all on public.innovators, public.ideas to service_role;

-- Scores and totals of an innovator are the platform's to set.
grant select, insert (id, user_id, innovation_background, experience_level, areas_of_interest),
  update (innovation_background, experience_level, areas_of_interest) on public.innovators to authenticated;
create policy "signed-in people see innovators" on public.innovators
  for select to authenticated using (true);
create policy "people become innovators" on public.innovators
  for insert to authenticated with check (user_id = (select auth.uid()));
create policy "innovators edit themselves, administrators any" on public.innovators
  for update to authenticated
  using (user_id = (select auth.uid()) or (select public.is_admin()))
  with check (user_id = (select auth.uid()) or (select public.is_admin()));

grant select, insert, update, delete on public.ideas to authenticated;
create policy "innovators see their ideas, everyone what was approved" on public.ideas
  for select to authenticated using (
    status in ('approved', 'published', 'in_development', 'implemented')
    or innovator_id in (select i.id from public.innovators i where i.user_id = (select auth.uid()))
  );
-- Until review begins an idea is its innovator's to write; nobody approves their own.
create policy "innovators submit ideas" on public.ideas
  for insert to authenticated with check (
    status in ('draft', 'submitted')
    and innovator_id in (select i.id from public.innovators i where i.user_id = (select auth.uid()))
  );
create policy "innovators edit ideas before review" on public.ideas
  for update to authenticated
  using (
    status in ('draft', 'submitted')
    and innovator_id in (select i.id from public.innovators i where i.user_id = (select auth.uid()))
  )
  with check (
    status in ('draft', 'submitted')
    and innovator_id in (select i.id from public.innovators i where i.user_id = (select auth.uid()))
  );
create policy "innovators withdraw ideas before review" on public.ideas
  for delete to authenticated using (
    status in ('draft', 'submitted')
    and innovator_id in (select i.id from public.innovators i where i.user_id = (select auth.uid()))
  );
create policy "administrators manage ideas" on public.ideas
  for all to authenticated using ((select public.is_admin())) with check ((select public.is_admin()));

/* Scores come from evaluations. Columns cannot be granted by app role, so a trigger keeps innovators off them. */
create function public.guard_idea_scores() returns trigger language plpgsql set search_path = '' as $$
declare
  scores constant text[] := array['alignment_score', 'feasibility_score', 'impact_score', 'innovation_score', 'overall_score'];
  was jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
begin
  if row_security_active('public.ideas') and not public.is_admin() and exists (
    select 1 from unnest(scores) as score
    where (to_jsonb(new) ->> score) is distinct from (was ->> score)
  ) then
    raise insufficient_privilege using message = 'only administrators set the scores of an idea';
  end if;
  return new;
end;
$$;
revoke execute on function public.guard_idea_scores () from public, anon, authenticated;

create trigger ideas_guard_scores before insert or update on public.ideas
  for each row execute function public.guard_idea_scores();
