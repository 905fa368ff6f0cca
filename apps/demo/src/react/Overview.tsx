import type { FeatureStatus } from '@ruwad/realtime-core/ruwad';
import {
  useChallengeDiscussion,
  useDashboardMetrics,
  useGlobalPresence,
  useIdeaNotifications,
  useOpportunityPresence,
  useRealTimeChallenges,
  useRealTimeEvents,
  useStatistics,
  useStore,
} from '@ruwad/realtime-react';
import { CHANNEL_IDS, type ChannelId, type Side } from '../view/channels.ts';
import { TONE_OF_FEATURE } from '../view/tone.ts';
import { useLocale, useWorkspace } from './context.ts';

/** All eight channels at a glance; each chip leads to its card on the side that is shown. */
export function Overview({ side }: { side: Side }) {
  const { t, format } = useLocale();
  const status = useChannelStatuses();
  const live = CHANNEL_IDS.filter((id) => status[id] === 'live').length;
  return (
    <nav className="overview" aria-label={t.channel.overview(format.number(live))}>
      <strong>{t.channel.overview(format.number(live))}</strong>
      {CHANNEL_IDS.map((id) => (
        <a key={id} href={`#${side}-${id}`}>
          <span className="dot" aria-hidden="true" data-tone={TONE_OF_FEATURE[status[id]]} />
          {t.channel.names[id]}
          <span className="visually-hidden">{t.channel.status[status[id]]}</span>
        </a>
      ))}
    </nav>
  );
}

/** The same features as the cards', hence the same channels: looking at them here joins nothing anew. */
function useChannelStatuses(): Record<ChannelId, FeatureStatus> {
  const { challengeId, opportunityId } = useWorkspace();
  return {
    'challenge-notifications': useRealTimeChallenges().status,
    'challenge-discussion': useChallengeDiscussion(useStore(challengeId)).status,
    'dashboard-updates': useDashboardMetrics().status,
    'event-notifications': useRealTimeEvents().status,
    'idea-notifications': useIdeaNotifications().status,
    'opportunity-presence': useOpportunityPresence(useStore(opportunityId)).status,
    'statistics-notifications': useStatistics().status,
    'global-presence': useGlobalPresence().status,
  };
}
