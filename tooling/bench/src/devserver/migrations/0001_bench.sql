-- The tables of the benchmark. Each is as wide as an app's usual table; the floors have the same columns and indexes.

create schema bench;

create function bench.create_challenges(name text) returns void language plpgsql as $$
begin
  execute format('create table public.%I (
    id uuid primary key, title text not null, body text, status text, priority int4, is_public bool, score float8,
    author_id uuid, created_at timestamptz not null, updated_at timestamptz, metadata jsonb)', name);
  execute format('create index on public.%I (created_at)', name);
  execute format('grant select on public.%I to anon, authenticated', name);
end $$;

select bench.create_challenges(name)
from unnest(array['challenges', 'unwatched', 'unmatched', 'many_owners', 'few_owners', 'secured', 'counted']) as name;

alter table public.secured enable row level security;
create policy own on public.secured for select to authenticated
  using (is_public or author_id = (current_setting('request.jwt.claims', true)::json ->> 'sub')::uuid);

-- How often the policy of `counted` was asked.
create sequence bench.checks;
create function bench.count_check() returns boolean language sql volatile security definer
  as $$ select nextval('bench.checks') > 0 $$;
grant usage on schema bench to authenticated;
alter table public.counted enable row level security;
create policy counting on public.counted for select to authenticated using (bench.count_check());

alter publication supabase_realtime
  add table public.challenges, public.unwatched, public.unmatched, public.many_owners, public.few_owners, public.secured, public.counted;
