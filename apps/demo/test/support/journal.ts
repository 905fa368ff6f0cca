/** Has the database write down, in order, whatever is done to the rows of what people queue; one statement. */
export const KEEP_JOURNAL = `do $do$ declare watched text; begin
  create table public.journal (place int generated always as identity, kind text, verb text, "row" jsonb);
  create function public.keep_journal() returns trigger language plpgsql security definer set search_path = '' as $$ begin
    insert into public.journal (kind, verb, "row") values (tg_table_name, tg_op, coalesce(to_jsonb(new), to_jsonb(old)));
    return null;
  end $$;
  foreach watched in array array['challenge_comments', 'event_bookmarks', 'challenge_notifications'] loop
    execute format('create trigger journal after insert or update or delete on public.%I for each row execute function public.keep_journal()', watched);
  end loop;
end $do$`;
