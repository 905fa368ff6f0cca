import * as z from 'zod/mini';

/** What a person shares while looking at an opportunity. Says nothing about rights: anybody can claim anything here. */
export const opportunityPresenceState = z.object({
  user_id: z.string(),
  display_name: z.string(),
  avatar_url: z.optional(z.nullable(z.string())),
  status: z.enum(['viewing', 'editing', 'away']),
  current_section: z.string(),
  online_at: z.string(),
});
/** State of one connection in an opportunity's room. */
export type OpportunityPresenceState = z.infer<typeof opportunityPresenceState>;

/** What a person shares with the whole platform. `role` is shown, never trusted. */
export const globalPresenceState = z.object({
  user_id: z.string(),
  display_name: z.string(),
  avatar_url: z.optional(z.nullable(z.string())),
  role: z.string(),
  status: z.string(),
  online_at: z.string(),
  location_context: z.object({ page: z.string(), section: z.optional(z.string()) }),
});
/** State of one connection on the platform. */
export type GlobalPresenceState = z.infer<typeof globalPresenceState>;

/** Someone types, or has stopped. */
export const typingPayload = z.object({ user_id: z.string(), user_name: z.string(), is_typing: z.boolean() });
/** Someone's pointer, as fractions (0 to 1) of the section it is over. */
export const cursorMovePayload = z.object({
  user_id: z.string(),
  section: z.string(),
  position: z.object({ x: z.number(), y: z.number() }),
  timestamp: z.string(),
});
/** Someone entered or left a field of the form. */
export const fieldFocusPayload = z.object({
  user_id: z.string(),
  field_name: z.string(),
  action: z.enum(['focus', 'blur']),
  timestamp: z.string(),
});
