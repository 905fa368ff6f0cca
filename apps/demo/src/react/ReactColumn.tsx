import { ChallengesCard } from './cards/ChallengesCard.tsx';
import { DashboardCard } from './cards/DashboardCard.tsx';
import { DiscussionCard } from './cards/DiscussionCard.tsx';
import { EventsCard } from './cards/EventsCard.tsx';
import { IdeasCard } from './cards/IdeasCard.tsx';
import { OpportunityCard } from './cards/OpportunityCard.tsx';
import { PresenceCard } from './cards/PresenceCard.tsx';
import { StatisticsCard } from './cards/StatisticsCard.tsx';
import { useLocale } from './context.ts';

/** The product's side: the eight channels through the React hooks. */
export function ReactColumn() {
  const { t } = useLocale();
  return (
    <section className="column react" aria-labelledby="react-side">
      <div className="column-head">
        <h2 id="react-side">{t.sides.react}</h2>
        <span className="framework react">React</span>
        <p>{t.sides.reactLead}</p>
      </div>
      <ChallengesCard />
      <DiscussionCard />
      <DashboardCard />
      <EventsCard />
      <IdeasCard />
      <OpportunityCard />
      <StatisticsCard />
      <PresenceCard />
    </section>
  );
}
