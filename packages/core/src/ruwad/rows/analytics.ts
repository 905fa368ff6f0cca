import * as z from 'zod/mini';
import { bigint, json, nullable, optional, text, timestamp, uuid } from './columns.ts';

/** A row of `analytics_hourly`: how often one type of event happened within one hour. Absolute, kept by trigger. */
export const analyticsHourlyRow = z.object({ event_type: text, hour: timestamp, count: bigint });
/** The count of one event type in one hour. */
export type AnalyticsHourly = z.infer<typeof analyticsHourlyRow>;

/** A row of `analytics_events`; only admins receive any. */
export const analyticsEventRow = z.object({
  id: uuid,
  event_type: text,
  user_id: nullable(uuid),
  session_id: optional(text),
  properties: optional(json),
  timestamp: optional(timestamp),
  created_at: optional(timestamp),
});
/** One recorded event. */
export type AnalyticsEvent = z.infer<typeof analyticsEventRow>;
