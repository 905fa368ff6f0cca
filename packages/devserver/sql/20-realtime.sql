-- What Supabase Realtime keeps in a project's database: the table behind private channels and database broadcasts,
-- and the functions that write to it. Written after the tenant migrations of https://github.com/supabase/realtime.
--
-- Two differences are on purpose: the table is not partitioned (the server prunes it in batches instead of dropping
-- partitions), and a trigger tells the server of new rows (there is no logical decoding here).

create schema realtime;
grant usage on schema realtime to postgres, anon, authenticated, service_role, supabase_realtime_admin;

create table realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  binary_payload bytea,
  primary key (id, inserted_at)
);
create index messages_inserted_at_topic_index on realtime.messages (inserted_at desc, topic)
  where extension = 'broadcast' and private is true;

alter table realtime.messages enable row level security;
grant select, insert, update on realtime.messages to anon, authenticated, service_role;
grant all on realtime.messages to postgres, supabase_realtime_admin;

-- The topic a policy on realtime.messages is asked about, without the prefix "realtime:".
create function realtime.topic() returns text language sql stable as $$
  select nullif(current_setting('realtime.topic', true), '')::text
$$;

-- Runs as its caller: who may not insert by policy may not send. A failure must not undo the caller's transaction.
create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
language plpgsql as $$
declare
  message_id uuid := gen_random_uuid();
begin
  if not payload ? 'id' then
    payload := jsonb_set(payload, '{id}', to_jsonb(message_id));
  end if;
  if jsonb_typeof(payload) <> 'object' then
    raise exception 'payload must be an object';
  end if;
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (id, payload, event, topic, private, extension)
  values (message_id, payload, event, topic, private, 'broadcast');
exception when others then
  raise warning 'ErrorSendingBroadcastMessage: %', sqlerrm;
end $$;

create function realtime.send_binary(payload bytea, event text, topic text, private boolean default true) returns void
language plpgsql as $$
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (binary_payload, event, topic, private, extension)
  values (payload, event, topic, private, 'broadcast');
exception when others then
  raise warning 'ErrorSendingBroadcastMessage: %', sqlerrm;
end $$;

-- For row triggers: sends the change as { operation, schema, table, record, old_record } to a private topic.
create function realtime.broadcast_changes(
  topic_name text, event_name text, operation text, table_name text, table_schema text,
  new record, old record, level text default 'ROW'
) returns void language plpgsql as $$
begin
  if level = 'STATEMENT' then
    raise exception 'function can only be triggered for each row, not for each statement';
  end if;
  if operation not in ('INSERT', 'UPDATE', 'DELETE') then
    raise exception 'Unexpected operation type: %', operation;
  end if;
  perform realtime.send(
    jsonb_build_object('old_record', old, 'record', new, 'operation', operation, 'table', table_name, 'schema', table_schema),
    event_name, topic_name
  );
exception when others then
  raise exception 'Failed to process the row: %', sqlerrm;
end $$;

-- A notification carries the id only, for its 8,000-byte cap; the server reads the row after the commit.
create function realtime.announce_message() returns trigger language plpgsql as $$
begin
  perform pg_notify('ruwad_realtime_messages', new.id::text);
  return null;
end $$;
create trigger announce_message after insert on realtime.messages
  for each row when (new.extension = 'broadcast' and new.event is not null)
  execute function realtime.announce_message();

-- Deletes at most `batch` of the messages older than `keep`; returns how many it deleted.
create function realtime.prune_messages(keep interval default '3 days', batch integer default 1000) returns integer
language plpgsql as $$
declare
  pruned integer;
begin
  delete from realtime.messages where ctid = any (array(
    select ctid from realtime.messages where inserted_at < localtimestamp - keep limit batch
  ));
  get diagnostics pruned = row_count;
  return pruned;
end $$;
revoke execute on function realtime.prune_messages from public;
