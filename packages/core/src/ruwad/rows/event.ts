import * as z from 'zod/mini';
import { bool, date, int, list, nullable, numeric, optional, text, time, timestamp, uuid } from './columns.ts';

/** A row of `events`. Status, type and format are open-ended: unknown values pass. */
export const eventRow = z.object({
  id: uuid,
  title_ar: text,
  description_ar: nullable(text),
  event_date: date,
  end_date: nullable(date),
  start_time: nullable(time),
  end_time: nullable(time),
  event_type: nullable(text),
  event_category: nullable(text),
  event_visibility: nullable(text),
  format: nullable(text),
  location: nullable(text),
  virtual_link: nullable(text),
  status: nullable(text),
  recurrence_pattern: nullable(text),
  recurrence_end_date: nullable(date),
  is_recurring: nullable(bool),
  inherit_from_campaign: nullable(bool),
  max_participants: nullable(int),
  registered_participants: nullable(int),
  actual_participants: nullable(int),
  budget: nullable(numeric),
  event_manager_id: nullable(uuid),
  campaign_id: nullable(uuid),
  challenge_id: nullable(uuid),
  sector_id: nullable(uuid),
  partner_organizations: nullable(list(text)),
  related_focus_questions: nullable(list(text)),
  target_stakeholder_groups: nullable(list(text)),
  created_at: nullable(timestamp),
  title_en: optional(text),
  description_en: optional(text),
});
/** An event of the platform: a workshop, a hackathon, a conference … */
export type RuwadEvent = z.infer<typeof eventRow>;
