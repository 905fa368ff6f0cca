-- Bookmarks: one table a kind of item, as the platform has them. A second bookmark of the same item is 23505.

create table public.challenge_bookmarks (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  challenge_id uuid not null references public.challenges (id) on delete cascade,
  created_at timestamptz default now(),
  unique (user_id, challenge_id)
);
create index challenge_bookmarks_challenge_id_idx on public.challenge_bookmarks (challenge_id);

create table public.idea_bookmarks (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  idea_id uuid not null references public.ideas (id) on delete cascade,
  created_at timestamptz not null default now(),
  unique (user_id, idea_id)
);
create index idea_bookmarks_idea_id_idx on public.idea_bookmarks (idea_id);

create table public.event_bookmarks (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  event_id uuid not null references public.events (id) on delete cascade,
  created_at timestamptz not null default now(),
  unique (user_id, event_id)
);
create index event_bookmarks_event_id_idx on public.event_bookmarks (event_id);

create table public.opportunity_bookmarks (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  opportunity_id uuid not null references public.opportunities (id) on delete cascade,
  created_at timestamptz not null default now(),
  unique (user_id, opportunity_id)
);
create index opportunity_bookmarks_opportunity_id_idx on public.opportunity_bookmarks (opportunity_id);

create table public.partner_bookmarks (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  partner_id uuid not null references public.partners (id) on delete cascade,
  notes text check (char_length(notes) <= 2000),
  priority text default 'medium' check (priority in ('low', 'medium', 'high')),
  created_at timestamptz not null default now(),
  unique (user_id, partner_id)
);
create index partner_bookmarks_partner_id_idx on public.partner_bookmarks (partner_id);

-- Bookmarks are private: nobody else sees them, administrators neither. An update is allowed for upserts.
do $$
declare
  bookmarks text;
begin
  foreach bookmarks in array array[
    'challenge_bookmarks', 'idea_bookmarks', 'event_bookmarks', 'opportunity_bookmarks', 'partner_bookmarks'
  ] loop
    execute format('alter table public.%I enable row level security', bookmarks);
    execute format('revoke all on public.%I from anon, authenticated', bookmarks);
    execute format('grant all on public.%I to service_role', bookmarks);
    execute format('grant select, insert, update, delete on public.%I to authenticated', bookmarks);
    execute format(
      'create policy "people keep their own bookmarks" on public.%I for all to authenticated '
      'using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()))', bookmarks
    );
  end loop;
end;
$$;
