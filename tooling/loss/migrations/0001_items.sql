-- The table every subject keeps, in three forms: rows that are deleted (items), rows that are marked as deleted, as some
-- libraries ask (items_soft), and rows whose changes are logged (items_logged). One trigger keeps the others equal to the
-- first, in the same transaction.

create extension if not exists moddatetime schema extensions;

create table public.items (
  id text primary key,
  owner text not null,
  title text not null,
  amount integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table public.items_soft (
  like public.items including all,
  deleted boolean not null default false
);
create table public.items_logged (like public.items including all);

create trigger items_updated_at before update on public.items
  for each row execute function extensions.moddatetime('updated_at');
create trigger items_soft_updated_at before update on public.items_soft
  for each row execute function extensions.moddatetime('updated_at');
create trigger items_logged_updated_at before update on public.items_logged
  for each row execute function extensions.moddatetime('updated_at');

create function public.mirror_item() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    update public.items_soft set deleted = true where id = old.id;
    delete from public.items_logged where id = old.id;
  else
    insert into public.items_logged (id, owner, title, amount) values (new.id, new.owner, new.title, new.amount)
      on conflict (id) do update set owner = excluded.owner, title = excluded.title, amount = excluded.amount;
    insert into public.items_soft (id, owner, title, amount) values (new.id, new.owner, new.title, new.amount)
      on conflict (id) do update set owner = excluded.owner, title = excluded.title, amount = excluded.amount, deleted = false;
  end if;
  return null;
end
$$;

create trigger items_mirror after insert or update or delete on public.items
  for each row execute function public.mirror_item();

-- One transaction of the writer: a list of { op, id, owner, title, amount }.
create function public.write_items(changes jsonb) returns void language plpgsql as $$
declare
  change jsonb;
begin
  for change in select value from jsonb_array_elements(changes) loop
    if change ->> 'op' = 'delete' then
      delete from public.items where id = change ->> 'id';
    else
      insert into public.items (id, owner, title, amount)
        values (change ->> 'id', change ->> 'owner', change ->> 'title', (change ->> 'amount')::integer)
        on conflict (id) do update set owner = excluded.owner, title = excluded.title, amount = excluded.amount;
    end if;
  end loop;
end
$$;

alter table public.items enable row level security;
alter table public.items_soft enable row level security;
alter table public.items_logged enable row level security;
grant select on public.items, public.items_soft, public.items_logged to anon, authenticated;
create policy items_select on public.items for select to authenticated using (true);
create policy items_soft_select on public.items_soft for select to authenticated using (true);
create policy items_logged_select on public.items_logged for select to authenticated using (true);

alter publication supabase_realtime add table public.items, public.items_soft, public.items_logged;
