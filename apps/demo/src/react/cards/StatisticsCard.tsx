import { statisticsNotifications } from '@ruwad/realtime-core/ruwad';
import { useStatistics } from '@ruwad/realtime-react';
import { RECORDED_EVENTS, recordEvent } from '../../commands/analytics.ts';
import { textOf } from '../../i18n/inLanguage.ts';
import { countersByName } from '../../view/figures.ts';
import { Card } from '../Card.tsx';
import { CommandError } from '../CommandError.tsx';
import { useLocale, useWorkspace } from '../context.ts';
import { Empty } from '../Empty.tsx';
import { useCommand } from '../useCommand.ts';

/** Channel 7: how often things happened, kept by the database and never counted here. */
export function StatisticsCard() {
  const { t, format } = useLocale();
  const { me } = useWorkspace();
  const statistics = useStatistics();
  const counters = countersByName(statistics.counters);
  return (
    <Card
      id="statistics-notifications"
      topic={statisticsNotifications.topic()}
      state={statistics}
      notice={me.isAdmin ? undefined : t.channel.hidden(textOf(t.roles, me.role))}
      control={<RecordEvent />}
    >
      {me.isAdmin && (
        <>
          {counters.length === 0 && <Empty state={statistics} />}
          <dl className="figures">
            {counters.map(([type, count]) => (
              <div key={type} className="figure" data-counter={type}>
                <dt>{textOf(t.statistics.types, type)}</dt>
                <dd>{format.number(count)}</dd>
              </div>
            ))}
          </dl>
          <Hours counts={statistics.hourly} />
        </>
      )}
    </Card>
  );
}

function Hours({ counts }: { counts: readonly number[] }) {
  const { t, format } = useLocale();
  const most = Math.max(1, ...counts);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return (
    <figure>
      <figcaption className="muted">{t.statistics.hourly}</figcaption>
      <div className="bars" role="img" aria-label={`${t.statistics.hourly}: ${format.number(total)}`}>
        {counts.map((count, hour) => (
          // An hour has no identity but its place.
          <span key={hour} style={{ blockSize: `${String((count / most) * 100)}%` }} />
        ))}
      </div>
    </figure>
  );
}

/** Anybody may record what they did, even those who may not read the counts. */
function RecordEvent() {
  const { t } = useLocale();
  const { supabase } = useWorkspace();
  const record = useCommand(recordEvent);
  return (
    <>
      <h4>{t.statistics.record}</h4>
      <div className="row">
        {RECORDED_EVENTS.map((type) => (
          <button key={type} type="button" className="button" disabled={record.pending} onClick={() => void record.run(supabase, type)}>
            {t.statistics.types[type]}
          </button>
        ))}
      </div>
      <CommandError error={record.error} />
    </>
  );
}
