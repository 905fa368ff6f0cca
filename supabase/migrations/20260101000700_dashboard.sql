-- The administrators' dashboard: one row of numbers, and a broadcast when they may have changed.

-- A view cannot be in a publication, and a plain view runs with its owner's rights: the platform's own policies on it
-- never existed. Here the caller's rights count (security_invoker), and whoever may not see all the sources gets no row
-- instead of wrong numbers. Roles that bypass row level security (service_role, the owner) get the row, too.
create view public.admin_dashboard_metrics_view with (security_invoker = true) as
select
  people.total_users,
  people.active_users_30d,
  people.new_users_7d,
  people.new_users_30d,
  roles.admin_count,
  roles.innovator_count,
  roles.expert_count,
  roles.partner_count,
  roles.evaluator_count,
  roles.domain_expert_count,
  (select count(*) from public.innovation_team_members where status = 'active') as team_members_count,
  -- New people of 30 days per hundred there were before; null when there was nobody.
  round(100.0 * people.new_users_30d / nullif(people.total_users - people.new_users_30d, 0), 2)
    as user_growth_rate_percentage,
  now() as last_updated
from
  (
    select
      count(*) as total_users,
      count(*) filter (where updated_at > now() - interval '30 days') as active_users_30d,
      count(*) filter (where created_at > now() - interval '7 days') as new_users_7d,
      count(*) filter (where created_at > now() - interval '30 days') as new_users_30d
    from public.profiles
  ) people,
  (
    select
      count(distinct user_id) filter (where role in ('admin', 'super_admin')) as admin_count,
      count(*) filter (where role = 'innovator') as innovator_count,
      count(*) filter (where role = 'external_expert') as expert_count,
      count(*) filter (where role = 'organization_member') as partner_count,
      count(*) filter (where role = 'evaluator') as evaluator_count,
      count(*) filter (where role = 'domain_expert') as domain_expert_count
    from public.user_roles
    where is_active and (expires_at is null or expires_at > now())
  ) roles
where (select public.is_admin()) or not row_security_active('public.user_roles');

revoke all on public.admin_dashboard_metrics_view from anon, authenticated;
grant select on public.admin_dashboard_metrics_view to authenticated, service_role;

/*
 * Broadcasts `metrics_changed` on the private topic `dashboard-updates`: at most once a transaction,
 * without numbers, so that nobody who merely hears it learns them. A failing or missing `realtime.send` never fails the
 * write that caused it. SECURITY DEFINER, since whoever caused it may not write to that topic.
 */
create function public.announce_metrics() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  this_transaction text := pg_current_xact_id()::text;
begin
  if current_setting('ruwad.metrics_announced_in', true) = this_transaction then
    return null;
  end if;
  perform set_config('ruwad.metrics_announced_in', this_transaction, true);
  begin
    perform realtime.send(jsonb_build_object('source', tg_table_name), 'metrics_changed', 'dashboard-updates', true);
  exception when others then
    raise warning 'dashboard-updates was not told of a change: %', sqlerrm;
  end;
  return null;
end;
$$;
revoke execute on function public.announce_metrics () from public, anon, authenticated;

-- For each row, though the message is for all: a statement that changes no row must not announce anything.
create trigger profiles_announce_metrics after insert or update or delete on public.profiles
  for each row execute function public.announce_metrics();
create trigger user_roles_announce_metrics after insert or update or delete on public.user_roles
  for each row execute function public.announce_metrics();
create trigger innovation_team_members_announce_metrics after insert or update or delete on public.innovation_team_members
  for each row execute function public.announce_metrics();
