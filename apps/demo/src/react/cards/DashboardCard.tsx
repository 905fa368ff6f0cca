import { dashboardUpdates } from '@ruwad/realtime-core/ruwad';
import { useDashboardMetrics, useStore } from '@ruwad/realtime-react';
import { setOnTeam } from '../../commands/team.ts';
import { textOf } from '../../i18n/inLanguage.ts';
import { codeChoices } from '../../view/choices.ts';
import { Card } from '../Card.tsx';
import { CommandError } from '../CommandError.tsx';
import { useLocale, useWorkspace } from '../context.ts';
import { Empty } from '../Empty.tsx';
import { Time } from '../Time.tsx';
import { useCommand } from '../useCommand.ts';

/** Channel 3: the administrators' numbers, read again when the database says that they changed. */
export function DashboardCard() {
  const { t, format } = useLocale();
  const { me } = useWorkspace();
  const dashboard = useDashboardMetrics();
  const { metrics, lastUpdate, error } = dashboard;
  return (
    <Card
      id="dashboard-updates"
      topic={dashboardUpdates.topic()}
      state={dashboard}
      notice={error?.code === 'channel/forbidden' ? t.channel.refused(textOf(t.roles, me.role)) : undefined}
      control={me.isAdmin ? <OwnMembership /> : <p className="muted">{t.common.adminsOnly}</p>}
    >
      {!metrics && !error && <Empty state={dashboard} />}
      {metrics && (
        <>
          <dl className="figures">
            {codeChoices(t.dashboard.metrics).map(({ value, label }) => (
              <div key={value} className="figure" data-metric={value}>
                <dt>{label}</dt>
                <dd>{format.number(metrics[value] ?? 0)}</dd>
              </div>
            ))}
          </dl>
          {lastUpdate !== null && (
            <p className="muted">
              {t.common.updated} <Time at={lastUpdate} />
            </p>
          )}
        </>
      )}
    </Card>
  );
}

/** Puts oneself on the innovation team and off it: the shortest way to move a number. */
function OwnMembership() {
  const { t } = useLocale();
  const { me, supabase, team } = useWorkspace();
  const { value: members } = useStore(team.store);
  const change = useCommand(setOnTeam);
  const onTeam = members?.some(({ user_id, status }) => user_id === me.id && status === 'active') ?? false;
  return (
    <>
      <h4>{t.dashboard.team}</h4>
      <p className="muted">{t.dashboard.teamLead}</p>
      <button type="button" className="button" disabled={members === null || change.pending} onClick={() => void change.run(supabase, me.id, !onTeam).then(team.refresh)}>
        {onTeam ? t.dashboard.leaveTeam : t.dashboard.joinTeam}
      </button>
      <CommandError error={change.error} />
    </>
  );
}
