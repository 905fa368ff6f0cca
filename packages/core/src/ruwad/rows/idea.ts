import * as z from 'zod/mini';
import { nullable, numeric, optional, text, timestamp, uuid } from './columns.ts';

/** A row of `ideas`. `innovator_id` refers to `innovators.id`, not to the user. */
export const ideaRow = z.object({
  id: uuid,
  title_ar: text,
  description_ar: text,
  innovator_id: uuid,
  challenge_id: nullable(uuid),
  focus_question_id: nullable(uuid),
  status: nullable(text),
  maturity_level: nullable(text),
  solution_approach: nullable(text),
  implementation_plan: nullable(text),
  expected_impact: nullable(text),
  resource_requirements: nullable(text),
  alignment_score: nullable(numeric),
  feasibility_score: nullable(numeric),
  impact_score: nullable(numeric),
  innovation_score: nullable(numeric),
  overall_score: nullable(numeric),
  created_at: nullable(timestamp),
  updated_at: nullable(timestamp),
  title_en: optional(text),
  description_en: optional(text),
});
/** An idea handed in by an innovator. */
export type Idea = z.infer<typeof ideaRow>;
