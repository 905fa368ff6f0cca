import type { Messages } from '../i18n/ar.ts';

/** The eight channels in the order the page shows them; the ids name cards, texts and anchors. */
export const CHANNEL_IDS = [
  'challenge-notifications',
  'challenge-discussion',
  'dashboard-updates',
  'event-notifications',
  'idea-notifications',
  'opportunity-presence',
  'statistics-notifications',
  'global-presence',
] as const satisfies readonly (keyof Messages['channel']['names'])[];

export type ChannelId = (typeof CHANNEL_IDS)[number];

/** Which column a card stands in. */
export type Side = 'react' | 'vue';
