-- Change log: what was written lately to the tables you choose, so that a client that missed changes reads those rows
-- and no others. Optional; for PostgreSQL 15 and later, run as the owner of the tables. docs/change-log.md explains it.
--
--   select ruwad.track_changes('public.challenges');
--
-- What the pieces rest on:
-- * A statement trigger logs keys only. Rows come from the table as it is now, under the caller's row level security.
-- * The cursor is a snapshot, not a number: numbers are given out before commits, so that a reader of numbers passes
--   over the transaction that commits late. What is new is what the snapshot did not see.
-- * The logs are unlogged: they cost no write-ahead log, and are empty after a crash, a restore or a failover. That is
--   when cursors must not be trusted either (transaction ids may be given out again), so it also ends their epoch. A dump
--   does bring their content along, but it makes new tables: an epoch is good for the tables it was made for alone.

create schema ruwad;
grant usage on schema ruwad to anon, authenticated, service_role;

create table ruwad.tracked_tables (
  rel regclass primary key,
  log regclass not null, -- its columns: xid, seq, at, and the key as k1, k2, …
  key_columns name[] not null,
  key_numbers int2[] not null, -- of the columns, which keep them under another name
  public_keys boolean not null,
  keep_rows integer not null check (keep_rows > 0),
  keep_age interval not null check (keep_age > interval '0')
);

-- One row a table, made by whoever asks first. A cursor carries the epoch it is good for.
create unlogged table ruwad.log_state (
  rel regclass primary key references ruwad.tracked_tables (rel) on delete cascade,
  epoch text not null,
  home text not null, -- where it was made (ruwad.home_of): a dump brings the row along, but not the transactions
  pruned xid8, -- entries up to this one may be gone
  truncated xid8 -- the last transaction that truncated the table
);

alter table ruwad.tracked_tables enable row level security;
alter table ruwad.log_state enable row level security;
create policy "everyone sees what is tracked" on ruwad.tracked_tables for select using (true);
create policy "everyone sees how far logs reach" on ruwad.log_state for select using (true);
grant select on ruwad.tracked_tables, ruwad.log_state to anon, authenticated, service_role;

-- Writing -------------------------------------------------------------------------------------------------------------

/*
 * Starts to log the changes of a table that has a primary key; again, to change the settings or after the key did.
 *
 * public_keys: whether everyone who may read the table learns the keys of rows that were deleted or are hidden from
 * them, as DELETE events of Realtime tell them. By default nobody does: a client names the rows it holds.
 * keep_rows, keep_age: how much is kept; a client that missed more reads its rows anew.
 */
create function ruwad.track_changes(
  tracked regclass, public_keys boolean default false, keep_rows integer default 100000, keep_age interval default '1 day'
) returns void language plpgsql set search_path = '' as $$
declare
  kind "char" := (select c.relkind from pg_catalog.pg_class c where c.oid = tracked);
  key_columns name[];
  key_numbers int2[];
  key_types text[];
  log regclass;
  log_numbers int2[];
  log_types text[];
begin
  select array_agg(a.attname order by k.n), array_agg(a.attnum order by k.n), array_agg(ruwad.column_type(a) order by k.n)
  into key_columns, key_numbers, key_types
  from pg_catalog.pg_index i
  cross join unnest(i.indkey::int2[]) with ordinality as k (attnum, n)
  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
  where i.indrelid = tracked and i.indisprimary;
  if kind not in ('r', 'p') or key_columns is null then
    raise exception 'changes of % cannot be tracked: it is no table with a primary key', tracked;
  end if;

  select t.log, t.key_numbers into log, log_numbers from ruwad.tracked_tables t where t.rel = tracked;
  select array_agg(ruwad.column_type(a) order by a.attnum) into log_types
  from pg_catalog.pg_attribute a where a.attrelid = log and a.attname ~ '^k\d+$';
  if (log_numbers, log_types) is distinct from (key_numbers, key_types) then
    -- Also what is left of a table that was dropped with `cascade`: its log may have the name.
    perform ruwad.untrack_changes(t.rel) from ruwad.tracked_tables t
    where t.rel = tracked or not exists (select from pg_catalog.pg_class c where c.oid = t.rel);
    log := ruwad.create_log(tracked, key_types);
  end if;
  insert into ruwad.tracked_tables as t (rel, log, key_columns, key_numbers, public_keys, keep_rows, keep_age)
  values (tracked, log, key_columns, key_numbers, public_keys, keep_rows, keep_age)
  on conflict (rel) do update set key_columns = excluded.key_columns, public_keys = excluded.public_keys,
    keep_rows = excluded.keep_rows, keep_age = excluded.keep_age;
  perform ruwad.create_log_policy(tracked);
  perform ruwad.create_log_triggers(tracked);
  perform ruwad.epoch_of(tracked);
end;
$$;

/* Stops to log the changes of a table, and forgets those logged. Needed before the table can be dropped. */
create function ruwad.untrack_changes(tracked regclass) returns void language plpgsql set search_path = '' as $$
declare
  log regclass;
begin
  delete from ruwad.tracked_tables t where t.rel = tracked returning t.log into log;
  if log is not null then
    execute format('drop function %s() cascade', log); -- and its triggers
    execute format('drop table %s', log);
  end if;
end;
$$;

/* The type of a column as `create table` takes it. */
create function ruwad.column_type(col pg_catalog.pg_attribute) returns text language sql stable set search_path = '' as $$
  select format_type(col.atttypid, col.atttypmod)
    || case when col.attcollation <> t.typcollation then ' collate ' || col.attcollation::regcollation else '' end
  from pg_catalog.pg_type t where t.oid = col.atttypid;
$$;

create function ruwad.create_log(tracked regclass, key_types text[]) returns regclass language plpgsql set search_path = '' as $$
declare
  log_name text := (
    select left(n.nspname || '__' || c.relname, 63)
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = tracked
  );
begin
  execute format(
    'create unlogged table ruwad.%I (
       xid xid8 not null default pg_catalog.pg_current_xact_id(),
       seq bigint generated always as identity,
       at timestamptz not null default pg_catalog.now(),
       %s,
       primary key (xid, seq)
     )',
    log_name,
    (select string_agg(format('k%s %s not null', n, type), ', ' order by n) from unnest(key_types) with ordinality as k (type, n))
  );
  execute format('alter table ruwad.%I enable row level security', log_name);
  execute format('grant select on ruwad.%I to anon, authenticated, service_role', log_name);
  return to_regclass(format('ruwad.%I', log_name));
end;
$$;

/*
 * A caller sees the log's entries of the rows that the caller sees now; of public keys all, if there is a column of the
 * table that the caller may read. Either names the rows, as what a policy names is neither dropped nor given another type
 * unseen: writes to the table would fail. `offset 0` has each row looked up by its key: without it the planner may read
 * the whole table once instead.
 */
create function ruwad.create_log_policy(tracked regclass) returns void language plpgsql set search_path = '' as $$
declare
  t ruwad.tracked_tables;
begin
  select * into t from ruwad.tracked_tables k where k.rel = tracked;
  if exists (select from pg_catalog.pg_policy p where p.polrelid = t.log) then
    execute format('drop policy "entries of visible rows" on %s', t.log);
  end if;
  execute format(
    'create policy "entries of visible rows" on %s for select using (%s)',
    t.log,
    case when t.public_keys then format('(select pg_catalog.has_any_column_privilege(%L::regclass, ''select'')) or ', t.rel) else '' end
      || format('exists (select from %s b where %s offset 0)', t.rel, ruwad.same_key('b', t.key_columns, t.log::text))
  );
end;
$$;

create function ruwad.same_key(alias text, key_columns name[], entry text) returns text language sql immutable set search_path = '' as $$
  select string_agg(format('%s.%I = %s.k%s', alias, name, entry, n), ' and ' order by n)
  from unnest(key_columns) with ordinality as k (name, n);
$$;

/*
 * The trigger function has the log's name. It is the owner's, since writers may not touch the log. `always`, because
 * replication heeds no `session_replication_role` either. Each thousand entries the oldest are taken away.
 */
create function ruwad.create_log_triggers(tracked regclass) returns void language plpgsql set search_path = '' as $$
declare
  t ruwad.tracked_tables;
  moment record;
begin
  select * into t from ruwad.tracked_tables k where k.rel = tracked;
  execute format(
    $source$
    create or replace function %1$s() returns trigger language plpgsql security definer set search_path = '' as $body$
    declare
      written bigint;
    begin
      if tg_op = 'TRUNCATE' then
        update ruwad.log_state s set truncated = pg_current_xact_id() where s.rel = tg_relid;
        return null;
      elsif tg_op = 'INSERT' then
        insert into %1$s (%2$s) select %3$s from new_rows n;
      elsif tg_op = 'DELETE' then
        insert into %1$s (%2$s) select %4$s from old_rows o;
      else
        insert into %1$s (%2$s) select %3$s from new_rows n union select %4$s from old_rows o;
      end if;
      get diagnostics written = row_count;
      if written > 0 and currval(%5$L::regclass) %% 1000 < written then
        perform ruwad.prune_changes(tg_relid, greatest(written * 2, 5000));
      end if;
      return null;
    end $body$ $source$,
    t.log,
    (select string_agg(format('k%s', n), ', ' order by n) from unnest(t.key_columns) with ordinality as k (name, n)),
    (select string_agg(format('n.%I', name), ', ' order by n) from unnest(t.key_columns) with ordinality as k (name, n)),
    (select string_agg(format('o.%I', name), ', ' order by n) from unnest(t.key_columns) with ordinality as k (name, n)),
    pg_get_serial_sequence(t.log::text, 'seq')
  );
  execute format('revoke execute on function %s() from public', t.log);
  for moment in
    select * from (values
      ('insert', 'referencing new table as new_rows'),
      ('update', 'referencing old table as old_rows new table as new_rows'),
      ('delete', 'referencing old table as old_rows'),
      ('truncate', '')
    ) as m (op, rows)
  loop
    execute format(
      'create or replace trigger %I after %s on %s %s for each statement execute function %s()',
      'ruwad_log_' || moment.op, moment.op, tracked, moment.rows, t.log
    );
    execute format('alter table %s enable always trigger %I', tracked, 'ruwad_log_' || moment.op);
  end loop;
end;
$$;

/*
 * Takes away the oldest entries beyond what the table keeps, `batch` of them at most; returns how many.
 * Triggers call it, so that the log is bounded without a scheduler. Only entries that every reader can have seen are
 * taken: a transaction that stays open keeps them, as it keeps VACUUM.
 */
create function ruwad.prune_changes(tracked regclass, batch bigint default 10000) returns bigint
  language plpgsql security definer set search_path = '' as $$
declare
  t ruwad.tracked_tables;
  pruned_xid xid8;
  pruned_rows bigint;
begin
  -- In the other levels two that prune could fail each other's transactions.
  if current_setting('transaction_isolation') <> 'read committed' then
    return 0;
  end if;
  select k.* into t from ruwad.tracked_tables k join ruwad.log_state s on s.rel = k.rel
  where k.rel = tracked for update of s skip locked; -- somebody else prunes
  if not found then
    return 0;
  end if;
  execute format(
    'with oldest as (select xid, seq, at from %1$s order by xid, seq limit $1),
     pruned as (
       delete from %1$s l using oldest o
       where l.xid = o.xid and l.seq = o.seq and o.xid < pg_snapshot_xmin(pg_current_snapshot())
         and (o.seq <= $2 or o.at < now() - $3)
       returning l.xid
     )
     select max(xid), count(*) from pruned',
    t.log
  ) into pruned_xid, pruned_rows
  using batch, coalesce(pg_sequence_last_value(pg_get_serial_sequence(t.log::text, 'seq')::regclass), 0) - t.keep_rows, t.keep_age;
  if pruned_rows > 0 then
    update ruwad.log_state s set pruned = greatest(s.pruned, pruned_xid) where s.rel = tracked;
  end if;
  return pruned_rows;
end;
$$;

-- Reading -------------------------------------------------------------------------------------------------------------

/* What no two logs have in common: the server, the database, and the log's table, which a restored dump makes anew. */
create function ruwad.home_of(tracked regclass) returns text language sql stable set search_path = '' as $$
  select concat_ws('.', c.system_identifier, d.oid, t.log::oid)
  from pg_catalog.pg_control_system() c, pg_catalog.pg_database d, ruwad.tracked_tables t
  where d.datname = current_database() and t.rel = tracked;
$$;

/* The epoch of a table's log; a new one when the last ended. */
create function ruwad.epoch_of(tracked regclass) returns text
  language plpgsql security definer set search_path = '' as $$
declare
  here constant text := ruwad.home_of(tracked);
  current_epoch text;
begin
  select s.epoch into current_epoch from ruwad.log_state s where s.rel = tracked and s.home = here;
  if current_epoch is null then
    insert into ruwad.log_state as s (rel, epoch, home) values (tracked, gen_random_uuid(), here)
    on conflict (rel) do update
      set epoch = excluded.epoch, home = excluded.home, pruned = null, truncated = null where s.home <> here;
    select s.epoch into current_epoch from ruwad.log_state s where s.rel = tracked;
  end if;
  return current_epoch;
end;
$$;

/* One condition `{ column, operator, value }` on a row `b`, with the operators of PostgREST. */
create function ruwad.condition_sql(condition jsonb) returns text language plpgsql immutable set search_path = '' as $$
declare
  operator text := case condition ->> 'operator'
    when 'eq' then '=' when 'neq' then '<>' when 'lt' then '<' when 'lte' then '<=' when 'gt' then '>' when 'gte' then '>=' when 'in' then 'in'
  end;
begin
  if operator is null or condition ->> 'column' is null then
    raise exception using errcode = 'invalid_parameter_value', message = format('not a condition: %s', condition);
  elsif operator <> 'in' then
    return format('b.%I %s %L', condition ->> 'column', operator, condition ->> 'value');
  end if;
  return format('b.%I in (%s)', condition ->> 'column', coalesce(
    (select string_agg(quote_literal(value), ', ') from jsonb_array_elements_text(condition -> 'value') as e (value)), 'null'
  ));
end;
$$;

/*
 * What `select` takes of a row `b`. Columns are named as for PostgREST: `name`, `name::text`, `alias:name`, where names
 * may be in quotes; `*` are those the caller may read.
 */
create function ruwad.columns_sql(tracked regclass, columns text[]) returns text language sql stable set search_path = '' as $$
  select string_agg(
    case when named = '*' then (
      select string_agg(format('b.%I', attname), ', ' order by attnum) from pg_catalog.pg_attribute
      where attrelid = tracked and attnum > 0 and not attisdropped and has_column_privilege(tracked, attnum, 'select')
    )
    else format('b.%I%s as %I', btrim(part[2], '"'), part[3], btrim(coalesce(part[1], part[2]), '"')) end,
    ', ' order by n
  )
  from unnest(columns) with ordinality as c (named, n)
  left join lateral regexp_match(named, '^(?:([^":]+|"[^"]+"):)?([^":]+|"[^"]+")(::text)?$') as m (part) on true;
$$;

/*
 * What became of the rows that were written since a cursor: those the caller may see and that meet the conditions, as
 * they are now, and the keys of others. Unless keys are public it tells of no row that selecting from the table would
 * not; only how much is written shows in the numbers of the cursor. Without a cursor, or with one that is good no more, `reset` is true: keep the new cursor, then read the table.
 *
 * since: the cursor of the last answer. conditions: `[{ column, operator, value }]`, all of which must hold.
 * columns: which to give. known: keys of rows the caller holds, each an array of texts, at most 1000; those of them it
 * does not see any more come back as gone, whatever the log says.
 *
 * Gives `{ cursor, reset, more, needs_known, rows, gone }`: `more` when the next page waits at the cursor; `gone` are
 * objects of the key's columns, as texts; `needs_known` when deletes are only told of known keys.
 */
create function public.changes_since(
  table_name text, since text default null, schema_name text default 'public', conditions jsonb default '[]',
  columns text[] default '{*}', known jsonb default '[]', page_size integer default 500
) returns json language plpgsql volatile set search_path = '' as $$
declare
  t ruwad.tracked_tables;
  current_epoch text;
  -- epoch / snapshot, and between pages: / snapshot to reach / last xid / last seq
  part text[] := string_to_array(since, '/');
  before pg_snapshot;
  answer json;
begin
  select * into t from ruwad.tracked_tables k where k.rel = to_regclass(format('%I.%I', schema_name, table_name));
  if not found then
    raise exception using errcode = 'undefined_table', message = format('changes of %I.%I are not tracked', schema_name, table_name);
  elsif jsonb_array_length(known) > 1000 then
    raise exception using errcode = 'invalid_parameter_value', message = 'at most 1000 known keys';
  end if;
  current_epoch := ruwad.epoch_of(t.rel);
  before := case when part[1] = current_epoch then part[2] end;
  if before is null then
    return json_build_object('cursor', current_epoch || '/' || pg_current_snapshot(), 'reset', true, 'more', false,
      'needs_known', not t.public_keys, 'rows', '[]'::json, 'gone', '[]'::json);
  end if;
  execute ruwad.changes_sql(t, conditions, columns) into answer
  using before, part[3]::pg_snapshot, coalesce(part[4]::xid8, pg_snapshot_xmin(before)), coalesce(part[5]::bigint, 0),
    greatest(1, least(page_size, 1000)), current_epoch, known;
  return answer;
end;
$$;

/*
 * The statement behind changes_since. One, so that everything in it is of one snapshot, which is the next cursor.
 * $1 snapshot of the cursor, $2 snapshot that pages go up to, $3 $4 where the last page ended, $5 entries a page,
 * $6 epoch, $7 known keys. `limit 1` and `offset 0` have rows looked up by key, as in the policy.
 */
create function ruwad.changes_sql(t ruwad.tracked_tables, conditions jsonb, columns text[]) returns text
  language sql stable set search_path = '' as $$
  select format(
    $source$
    with moment as materialized (select coalesce($2, pg_current_snapshot()) as upto),
    whole as materialized (
      select coalesce((
        select coalesce(s.pruned < pg_snapshot_xmin($1), true)
          and coalesce(pg_visible_in_snapshot(s.truncated, $1), true)
          and pg_snapshot_xmax($1) <= pg_snapshot_xmax(pg_current_snapshot())
        from ruwad.log_state s where s.rel = %1$L::regclass and s.epoch = $6
      ), false) as yes
    ),
    entry as materialized (
      select l.* from %2$s l
      where (select yes from whole) and (l.xid, l.seq) > ($3, $4)
        and not pg_visible_in_snapshot(l.xid, $1) and pg_visible_in_snapshot(l.xid, (select upto from moment))
      order by l.xid, l.seq limit $5 + 1
    ),
    page as materialized (select * from entry order by xid, seq limit $5),
    last as materialized (select xid, seq from page order by xid desc, seq desc limit 1),
    found as materialized (
      select e.*, b.content
      from (select distinct %3$s from page) e
      left join lateral (select (select to_json(r) from (select %4$s) r) as content from %5$s b where %6$s and %7$s limit 1) b on true
    ),
    lost as (
      select %8$s as key from found e where content is null
      union
      select %8$s from (select %9$s from jsonb_array_elements($7) as k (key)) e
      where (select yes from whole) and not exists (select from %5$s b where %6$s and %7$s offset 0)
    )
    select json_build_object(
      'cursor', concat_ws('/', $6,
        case when not w.yes then pg_current_snapshot()::text when n.more then $1::text else m.upto::text end,
        case when n.more then concat_ws('/', m.upto, (select xid from last), (select seq from last)) end),
      'reset', not w.yes,
      'more', n.more,
      'needs_known', %10$L::boolean,
      'rows', coalesce((select json_agg(content) from found where content is not null), '[]'),
      'gone', coalesce((select json_agg(key) from lost), '[]')
    )
    from moment m, whole w, (select count(*) > $5 as more from entry) n $source$,
    t.rel,
    t.log,
    (select string_agg(format('k%s', n), ', ' order by n) from unnest(t.key_columns) with ordinality as k (name, n)),
    ruwad.columns_sql(t.rel, columns),
    t.rel,
    ruwad.same_key('b', t.key_columns, 'e'),
    coalesce((select string_agg(ruwad.condition_sql(c), ' and ') from jsonb_array_elements(conditions) as j (c)), 'true'),
    (select format('jsonb_build_object(%s)', string_agg(format('%L, to_json(e.k%s) #>> ''{}''', name, n), ', ' order by n))
      from unnest(t.key_columns) with ordinality as k (name, n)),
    (select string_agg(format('(k.key ->> %s)::%s as k%s', n - 1, format_type(a.atttypid, a.atttypmod), n), ', ' order by n)
      from unnest(t.key_columns) with ordinality as k (name, n)
      join pg_catalog.pg_attribute a on a.attrelid = t.rel and a.attname = k.name),
    not t.public_keys
  );
$$;

-- Who may what --------------------------------------------------------------------------------------------------------
-- What reads runs as its caller; `epoch_of` alone does not, and gives nothing but an epoch.

revoke execute on all functions in schema ruwad from public;
revoke execute on function public.changes_since (text, text, text, jsonb, text[], jsonb, integer) from public;
grant execute on function public.changes_since (text, text, text, jsonb, text[], jsonb, integer) to anon, authenticated, service_role;
grant execute on function ruwad.epoch_of (regclass), ruwad.changes_sql (ruwad.tracked_tables, jsonb, text[]), ruwad.columns_sql (regclass, text[]),
  ruwad.condition_sql (jsonb), ruwad.same_key (text, name[], text) to anon, authenticated, service_role;

notify pgrst, 'reload schema';
