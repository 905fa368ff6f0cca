-- Change capture for `postgres_changes`. Logical decoding does not work in the embedded Postgres, so every table of the
-- publication carries a trigger that notifies the server of what changed: notifications keep the order of statements
-- and commits, and go the way of their transaction or savepoint. That is what capture costs least.
--
-- Functions are generated per table (columns, key, identity are then plain code, not lookups per row) and regenerated
-- by an event trigger whenever DDL touched them.

create schema realtime_changes;

-- Changes too long for a notification, until the server takes them. Unlogged: a change nobody was told of before a
-- crash is never sent, as with the real server's temporary slot.
create unlogged table realtime_changes.set_aside (
  seq bigint primary key,
  change text not null
);

-- Numbers every change: equal notifications of one transaction would be one.
create unlogged sequence realtime_changes.seq;

-- Tables somebody watches, as the server's CaptureGate says. Only their triggers are enabled: a condition of the trigger
-- would cost every write of theirs, and every other table's too.
create table realtime_changes.watched (
  relid oid primary key
);

create table realtime_changes.captured (
  relid oid primary key,
  events text not null,
  capture text not null,
  visible text
);

-- A column of the row `var`. Always quoted: plpgsql's own keywords, such as `by`, are no fields otherwise.
create function realtime_changes.field_sql(var text, col name) returns text
language sql immutable set search_path = pg_catalog as $$
  select var || '."' || replace(col, '"', '""') || '"'
$$;

-- SQL for the columns `attnums` of row `var` as the text of a JSON object; an empty text when there are none.
create function realtime_changes.columns_sql(rel oid, attnums int2[], var text) returns text
language sql stable set search_path = pg_catalog as $$
  select case when count(*) = 0 then quote_literal('') else format('pg_catalog.jsonb_build_object(%s)::text',
    string_agg(format('%L, %s', attname, realtime_changes.field_sql(var, attname)), ', ' order by attnum)) end
  from pg_attribute
  where attrelid = rel and attnum = any (attnums)
$$;

create function realtime_changes.primary_key(rel oid) returns int2[]
language sql stable set search_path = pg_catalog as $$
  select coalesce((select conkey from pg_constraint where conrelid = rel and contype = 'p'), '{}')
$$;

-- The columns of a table whose values may be stored out of line.
create function realtime_changes.toastable(rel oid) returns setof name
language sql stable set search_path = pg_catalog as $$
  select attname from pg_attribute
  where attrelid = rel and attnum > 0 and not attisdropped and attlen = -1 and attstorage <> 'p' and attgenerated <> 'v'
$$;

-- Up to how many bytes a change has no value out of line. A row has such values when it would be longer than 2 kB
-- without, or than its table says; as JSON it is longer still.
create function realtime_changes.inline_bytes(rel oid) returns int
language sql stable set search_path = pg_catalog as $$
  select case
    when not exists (select from realtime_changes.toastable(rel)) then 7999
    when exists (select from pg_class, pg_options_to_table(reloptions) where oid = rel and option_name = 'toast_tuple_target') then 100
    else 1200
  end
$$;

-- SQL for the names of out-of-line columns an update left alone, as the text of a JSON array; an empty text when there
-- are none. Replication knows by the row's pointer to its out-of-line value, which a trigger does not see; the stored
-- row and equal values say the same.
create function realtime_changes.unchanged_sql(rel oid) returns text
language sql stable set search_path = pg_catalog as $$
  select case when count(*) = 0 then quote_literal('') else format(
    'coalesce((select pg_catalog.array_to_json(nullif(pg_catalog.array_remove(array[%s], null), ''{}''))::text from only %s t where t.ctid = new.ctid), '''')',
    string_agg(format('case when pg_catalog.pg_column_toast_chunk_id(%s) is not null and pg_catalog.record_image_eq(row(%s), row(%s)) then %L end',
      realtime_changes.field_sql('t', col), realtime_changes.field_sql('old', col), realtime_changes.field_sql('new', col), col), ', '),
    rel::regclass) end
  from realtime_changes.toastable(rel) col
$$;

-- SQL for whether an update left a key column as it was, digit by digit. Types whose equal values have one spelling
-- are compared as they are, which costs less than writing them.
create function realtime_changes.kept_sql(col name, type oid) returns text
language sql stable set search_path = pg_catalog as $$
  select format(case when type in ('uuid'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype) then '%s operator(pg_catalog.=) %s' else '%s::text = %s::text' end,
    realtime_changes.field_sql('old', col), realtime_changes.field_sql('new', col))
$$;

-- SQL for what the table's replica identity keeps of an updated row, as the text of a JSON object. Usually that is the
-- key, which the new row says as well: then it is `=`.
create function realtime_changes.old_sql(rel oid) returns text
language sql stable set search_path = pg_catalog as $$
  select case c.relreplident
    when 'f' then 'pg_catalog.to_jsonb(old)::text'
    when 'd' then coalesce(
      (select format('case when %s then ''='' else %s end',
          string_agg(realtime_changes.kept_sql(attname, atttypid), ' and '),
          realtime_changes.columns_sql(rel, k.attnums, 'old'))
        from realtime_changes.primary_key(rel) k(attnums) join pg_attribute on attrelid = rel and attnum = any (k.attnums)
        group by k.attnums),
      quote_literal(''))
    when 'i' then realtime_changes.columns_sql(rel, (select indkey::int2[] from pg_index where indrelid = rel and indisreplident), 'old')
    else quote_literal('')
  end
  from pg_class c
  where c.oid = rel
$$;

-- Stands for the names of a table's columns: whether a row has those that the server knows.
create function realtime_changes.columns_mark(rel oid) returns text
language sql stable set search_path = pg_catalog as $$
  select hashtextextended(coalesce(jsonb_agg(attname order by attnum), '[]')::text, 0)::text from pg_attribute where attrelid = rel and attnum > 0 and not attisdropped
$$;

-- Source of the trigger function of one table. It notifies `<seq> <relid> <columns mark> <action>`, the new row, the old
-- one and the names of unchanged columns, a line each. It runs for every written row, and an expression costs more than
-- what it computes: a usual change takes three, and `if` evaluates one without the executor that `perform` would start.
-- It names `pg_catalog` itself and looks at the settings that values are printed by, where `set` clauses would cost as
-- much as all else.
create function realtime_changes.capture_source(rel oid) returns text
language sql stable set search_path = pg_catalog as $$
  select format($source$
    declare
      change_text text;
      zone text;
      dates text;
      intervals text;
    begin
      if pg_catalog.current_setting('TimeZone') || pg_catalog.current_setting('DateStyle') || pg_catalog.current_setting('IntervalStyle') <> 'UTCISO, MDYpostgres' then
        zone := pg_catalog.current_setting('TimeZone');
        dates := pg_catalog.current_setting('DateStyle');
        intervals := pg_catalog.current_setting('IntervalStyle');
        perform pg_catalog.set_config('TimeZone', 'UTC', true), pg_catalog.set_config('DateStyle', 'ISO, MDY', true), pg_catalog.set_config('IntervalStyle', 'postgres', true);
      end if;
      change_text := pg_catalog.nextval('realtime_changes.seq'::regclass) || case tg_op
        when 'INSERT' then e' %1$s %2$s INSERT\n' || pg_catalog.to_jsonb(new)::text || e'\n\n'
        when 'UPDATE' then e' %1$s %2$s UPDATE\n' || pg_catalog.to_jsonb(new)::text || e'\n' || %3$s || e'\n'
        else e' %1$s %2$s DELETE\n\n' || %4$s || e'\n'
      end;
      if (case when zone is null and pg_catalog.octet_length(change_text) <= %5$s then pg_catalog.pg_notify('realtime_changes', change_text) is null else true end) then
        if zone is not null then
          perform pg_catalog.set_config('TimeZone', zone, true), pg_catalog.set_config('DateStyle', dates, true), pg_catalog.set_config('IntervalStyle', intervals, true);
        end if;
        if tg_op = 'UPDATE' and pg_catalog.octet_length(change_text) > %5$s then
          change_text := change_text || %6$s;
        end if;
        if pg_catalog.octet_length(change_text) > 7999 then
          -- longer than a notification may be
          insert into realtime_changes.set_aside values (pg_catalog.split_part(change_text, ' ', 1)::bigint, change_text);
          change_text := pg_catalog.split_part(change_text, ' ', 1) || ' %1$s';
        end if;
        if pg_catalog.pg_notify('realtime_changes', change_text) is null then end if;
      end if;
      return null;
    end $source$,
    c.oid,
    realtime_changes.columns_mark(c.oid),
    realtime_changes.old_sql(c.oid),
    case c.relreplident
      when 'f' then 'pg_catalog.to_jsonb(old)::text'
      when 'd' then realtime_changes.columns_sql(c.oid, realtime_changes.primary_key(c.oid), 'old')
      when 'i' then realtime_changes.columns_sql(c.oid, (select indkey::int2[] from pg_index where indrelid = c.oid and indisreplident), 'old')
      else quote_literal('')
    end,
    realtime_changes.inline_bytes(c.oid),
    realtime_changes.unchanged_sql(c.oid))
  from pg_class c
  where c.oid = rel
$$;

-- Source of the function that asks row security: which of the rows with these `keys` does each caller see?
-- Static statements per table, run once per caller, so that their plans are kept while only claims change; a plan is
-- good for one role, so callers come sorted by role. Null for a table without row security or without a primary key.
create function realtime_changes.visible_source(rel oid) returns text
language sql stable set search_path = pg_catalog as $$
  select format($source$
    declare
      %1$s;
      became text := '';
      hit boolean;
      seen int[];
      answers text[] := '{}';
    begin
      begin
        for caller in 1 .. coalesce(cardinality(roles), 0) loop
          -- as conditions: a `perform` would run the executor
          if roles[caller] <> became then
            became := roles[caller];
            if set_config('role', became, true) is null then end if;
          end if;
          if set_config('request.jwt.claims', claims[caller], true) is null then end if;
          %2$s
        end loop;
        if set_config('role', 'none', true) is null then end if;
      exception when others then
        -- A policy fails on somebody's claims: the row is hidden from that caller only, so each is asked apart.
        for caller in 1 .. cardinality(roles) loop
          begin
            perform set_config('role', roles[caller], true), set_config('request.jwt.claims', claims[caller], true);
            %2$s
          exception when others then
            answers[caller] := '{}';
          end;
          perform set_config('role', 'none', true);
        end loop;
      end;
      perform set_config('request.jwt.claims', '', true);
      return array_to_string(answers, ' ');
    end $source$,
    string_agg(format('k%s %s[] := array(select (k ->> %L)::%s from unnest(keys) with ordinality as u(k, i) order by i)',
      attnum, type, attname, type), '; '),
    format($ask$
          if cardinality(keys) = 1 then
            select exists (select from only %3$s t where %4$s) into hit;
            answers[caller] := case when hit then '{1}' else '{}' end;
          else
            select array_agg(k.i) into seen
            from unnest(%1$s) with ordinality as k(%2$s, i)
            where k.i = any (asked[caller]::int[]) and exists (select from only %3$s t where %5$s);
            answers[caller] := coalesce(seen::text, '{}');
          end if;$ask$,
      string_agg(format('k%s', attnum), ', '),
      string_agg(format('k%s', attnum), ', '),
      rel::regclass,
      string_agg(format('t.%I = k%s[1]', attname, attnum), ' and '),
      string_agg(format('t.%I = k.k%s', attname, attnum), ' and ')))
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum = any (realtime_changes.primary_key(c.oid))
  cross join lateral (select format_type(atttypid, atttypmod) as type) f
  where c.oid = rel and c.relrowsecurity
  having count(*) > 0
$$;

-- Removes everything generated for one table; the table itself may be gone already.
create function realtime_changes.detach(rel oid) returns void
language plpgsql set search_path = pg_catalog as $$
begin
  if exists (select from pg_class where oid = rel) then
    execute format('drop trigger if exists "!realtime_changes" on %s', rel::regclass);
  end if;
  execute format('drop function if exists realtime_changes.%I() cascade', 'capture_' || rel);
  execute format('drop function if exists realtime_changes.%I(jsonb[], text[], text[], text[])', 'visible_' || rel);
  delete from realtime_changes.captured where relid = rel;
end $$;

-- How `pg_trigger.tgenabled` of a table's trigger is to be: always, for replication does not heed
-- session_replication_role either, or never.
create function realtime_changes.enabled(rel oid) returns "char"
language sql stable set search_path = pg_catalog as $$
  select case when exists (select from realtime_changes.watched w where w.relid = rel) then 'A' else 'D' end::"char"
$$;

create function realtime_changes.set_enabled(rel oid) returns void
language plpgsql set search_path = pg_catalog as $$
begin
  execute format('alter table %s %s trigger "!realtime_changes"', rel::regclass, case realtime_changes.enabled(rel) when 'A' then 'enable always' else 'disable' end);
end $$;

-- From now on these tables are watched and no others. This is no DDL that concerns anybody.
create function realtime_changes.watch(relids oid[]) returns void
language plpgsql set search_path = pg_catalog set event_triggers = off as $$
begin
  delete from realtime_changes.watched where relid <> all (relids);
  insert into realtime_changes.watched select unnest(relids) on conflict do nothing;
  perform realtime_changes.set_enabled(tgrelid) from pg_trigger where tgname = '!realtime_changes' and tgenabled <> realtime_changes.enabled(tgrelid);
end $$;

create function realtime_changes.attach(rel oid, events text, capture text, visible text) returns void
language plpgsql set search_path = pg_catalog as $$
begin
  execute format(
    'create or replace function realtime_changes.%I() returns trigger language plpgsql security definer as %L',
    'capture_' || rel, capture);
  -- The name sorts before others', so that a change is logged before the changes other triggers make of it.
  execute format(
    'create or replace trigger "!realtime_changes" after %s on %s for each row execute function realtime_changes.%I()',
    events, rel::regclass, 'capture_' || rel);
  perform realtime_changes.set_enabled(rel);
  if visible is not null then
    execute format(
      'create or replace function realtime_changes.%I(keys jsonb[], roles text[], claims text[], asked text[])
       returns text language plpgsql set timezone = ''UTC'' as %L',
      'visible_' || rel, visible);
  end if;
  insert into realtime_changes.captured values (rel, events, capture, visible)
  on conflict (relid) do update set events = excluded.events, capture = excluded.capture, visible = excluded.visible;
end $$;

-- Brings triggers in line with the publication and the tables' columns. Cheap when nothing changed.
create function realtime_changes.sync() returns void
language plpgsql security definer set search_path = pg_catalog set realtime_changes.syncing = 'on' as $$
declare
  rel record;
begin
  for rel in
    select c.relid from realtime_changes.captured c
    where not exists (select from realtime_changes.published() p where p.relid = c.relid)
  loop
    perform realtime_changes.detach(rel.relid);
  end loop;
  for rel in
    select p.*
    from (
      select relid, events, realtime_changes.capture_source(relid) as capture, realtime_changes.visible_source(relid) as visible
      from realtime_changes.published()
    ) p
    left join realtime_changes.captured c on c.relid = p.relid
    left join pg_trigger t on t.tgrelid = p.relid and t.tgname = '!realtime_changes' and t.tgenabled = realtime_changes.enabled(p.relid)
    where t.oid is null or (p.events, p.capture, p.visible) is distinct from (c.events, c.capture, c.visible)
  loop
    begin
      perform realtime_changes.attach(rel.relid, rel.events, rel.capture, rel.visible);
    exception when others then
      -- A table that cannot be captured must not keep the others from it.
      raise warning 'realtime_changes: % is not captured: %', rel.relid::regclass, sqlerrm;
    end;
  end loop;
end $$;

-- Tables of the publication and what it publishes of them.
create function realtime_changes.published() returns table (relid oid, events text)
language sql stable set search_path = pg_catalog as $$
  select g.relid, e.events
  from pg_publication p
  cross join lateral pg_get_publication_tables(p.pubname) g
  cross join lateral (
    select concat_ws(' or ', case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end, case when p.pubdelete then 'delete' end)
  ) e(events)
  where p.pubname = 'supabase_realtime' and e.events <> ''
$$;

create function realtime_changes.on_ddl() returns event_trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if coalesce(current_setting('realtime_changes.syncing', true), '') = 'on' then
    return;
  end if;
  -- What the server knows of tables is no longer true.
  perform pg_notify('realtime_changes', 'schema');
  if tg_tag in ('GRANT', 'REVOKE', 'COMMENT', 'CREATE FUNCTION', 'CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'CREATE TRIGGER', 'CREATE INDEX', 'CREATE VIEW') then
    return;
  end if;
  perform realtime_changes.sync();
exception when others then
  -- Someone's migration must not fail because of us; the server's periodic check tries again.
  raise warning 'realtime_changes: %', sqlerrm;
end $$;

create event trigger realtime_changes on ddl_command_end execute function realtime_changes.on_ddl();

-- Removes and returns changes that were set aside.
create function realtime_changes.take(seqs bigint[]) returns setof text
language sql set search_path = pg_catalog as $$
  delete from realtime_changes.set_aside where seq = any (seqs) returning change
$$;

-- Gives back the space of taken changes: nothing vacuums in the embedded Postgres.
create function realtime_changes.compact() returns void
language plpgsql set search_path = pg_catalog as $$
begin
  if not exists (select from realtime_changes.set_aside) then
    truncate realtime_changes.set_aside;
  end if;
end $$;

-- Fails, with the real server's words, if a condition cannot be evaluated on a column of this type.
create function realtime_changes.check_filter(col name, col_type text, operator text, value text, negate boolean) returns void
language plpgsql as $$
declare
  items int;
  probe text := case operator
    when 'eq' then '%1$L::%2$s = %1$L::%2$s'
    when 'neq' then '%1$L::%2$s <> %1$L::%2$s'
    when 'lt' then '%1$L::%2$s < %1$L::%2$s'
    when 'lte' then '%1$L::%2$s <= %1$L::%2$s'
    when 'gt' then '%1$L::%2$s > %1$L::%2$s'
    when 'gte' then '%1$L::%2$s >= %1$L::%2$s'
    when 'like' then '%1$L::%2$s ~~ %1$L::%2$s'
    when 'ilike' then '%1$L::%2$s ~~* %1$L::%2$s'
    when 'match' then '%1$L::%2$s ~ %1$L::%2$s'
    when 'imatch' then '%1$L::%2$s ~* %1$L::%2$s'
    when 'isdistinct' then '%1$L::%2$s is distinct from %1$L::%2$s'
  end;
begin
  if operator = 'in' then
    execute format('select cardinality(%L::%s[])', value, col_type) into items;
    if items > 100 then
      raise exception 'too many values for `in` filter. Maximum 100';
    end if;
    return;
  elsif operator = 'is' then
    if value not in ('null', 'true', 'false', 'unknown') then
      raise exception 'invalid value for is filter: must be null, true, false, or unknown';
    elsif value <> 'null' and col_type <> 'boolean' then
      raise exception 'is % filter requires a boolean column, got %', value, col_type;
    end if;
    return;
  elsif operator in ('match', 'imatch') then
    begin
      perform '' ~ value;
    exception when others then
      raise exception 'invalid regular expression for % filter: %', operator, sqlerrm;
    end;
  elsif operator not in ('like', 'ilike') then
    execute format('select %L::%s', value, col_type);
  end if;
  begin
    execute format('select ' || probe, value, col_type);
  exception when others then
    raise exception 'operator % is not supported on column % of type %: %', operator, col, col_type, sqlerrm;
  end;
end $$;

-- The value of a filter as records show it, for types whose equal values have one spelling: then the text of a record
-- says whether the condition holds. No row for other types, such as numeric (1.0 = 1.00), and for no column.
create function realtime_changes.shown_value(rel oid, col text, val text) returns table (sql_type text, as_json text)
language plpgsql as $$
declare
  exact_type text;
begin
  select pg_catalog.format_type(t.oid, null) into exact_type
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_collation c on c.oid = a.attcollation
  where a.attrelid = rel and a.attname = col and coalesce(c.collisdeterministic, true)
    and (t.typtype = 'e' or t.oid in ('boolean'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'float8'::regtype, 'uuid'::regtype, 'text'::regtype, 'varchar'::regtype));
  if found then
    return query execute format('select %L, pg_catalog.to_jsonb(%L::%s)::text', exact_type, val, exact_type);
  end if;
end $$;

-- Published tables a subscription covers, after checking its filters and columns against each of them as `role_name`.
create function realtime_changes.match_binding(
  schema_pattern text, table_pattern text, role_name text,
  cols text[], operators text[], vals text[], negations boolean[], selected text[]
) returns setof oid
language plpgsql as $$
declare
  rel oid;
  readable text[];
  wrong text;
begin
  for rel in
    select c.oid
    from realtime_changes.published() p
    join pg_catalog.pg_class c on c.oid = p.relid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname like (case schema_pattern when '*' then '%' else schema_pattern end) escape ''
      and c.relname like (case table_pattern when '*' then '%' else table_pattern end) escape ''
    order by c.oid
  loop
    -- Where a table was published in a transaction with pending triggers on it, it could not be given one more then.
    if not exists (select from realtime_changes.captured c where c.relid = rel) then
      perform realtime_changes.sync();
      if not exists (select from realtime_changes.captured c where c.relid = rel) then
        raise exception 'changes of table % cannot be captured', rel::regclass;
      end if;
    end if;
    readable := realtime_changes.readable_columns(rel, role_name);
    for f in 1 .. coalesce(cardinality(cols), 0) loop
      if cols[f] <> all (readable) then
        raise exception 'invalid column for filter %', cols[f];
      end if;
      perform realtime_changes.check_filter(a.attname, pg_catalog.format_type(a.atttypid, null), operators[f], vals[f], negations[f])
      from pg_catalog.pg_attribute a where a.attrelid = rel and a.attname = cols[f];
    end loop;
    foreach wrong in array coalesce(selected, '{}') loop
      if wrong <> all (readable) then
        raise exception 'invalid column for select %', wrong;
      end if;
    end loop;
    return next rel;
  end loop;
end $$;

-- Columns a role may select; fails with 42704 for an unknown role.
create function realtime_changes.readable_columns(rel oid, role_name text) returns text[]
language sql stable set search_path = pg_catalog as $$
  select coalesce(array_agg(attname::text order by attnum), '{}')
  from pg_attribute
  where attrelid = rel and attnum > 0 and not attisdropped
    and has_column_privilege(quote_ident(role_name)::regrole, attrelid, attnum, 'SELECT')
$$;

-- What the server needs to know of a table to describe its changes; no row when it is gone.
create function realtime_changes.describe(rel oid)
returns table (schema_name text, table_name text, row_security boolean, key_columns text[], columns_mark text, column_names text[], column_types text[], sql_types text[])
language sql stable set search_path = pg_catalog as $$
  select n.nspname::text, c.relname::text, c.relrowsecurity,
    coalesce(array_agg(a.attname::text) filter (where a.attnum = any (realtime_changes.primary_key(rel))), '{}'),
    realtime_changes.columns_mark(rel),
    coalesce(array_agg(a.attname::text order by a.attnum), '{}'),
    coalesce(array_agg(t.typname::text order by a.attnum), '{}'),
    coalesce(array_agg(format_type(t.oid, null) order by a.attnum), '{}')
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join (pg_attribute a join pg_type t on t.oid = a.atttypid) on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.oid = rel
  group by n.nspname, c.relname, c.relrowsecurity
$$;

select realtime_changes.sync();
