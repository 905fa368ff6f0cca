import type { AnalyticsEvent } from '../rows/analytics.ts';

/** Something that an administrator should look at. Localise by `type` and `value`. */
export interface StatAlert {
  /** Id of the event it comes from. */
  readonly id: string;
  readonly type: 'error_spike' | 'performance';
  readonly severity: 'high' | 'medium';
  /** Number of errors, or load time in ms. */
  readonly value: number;
  /** When, in ISO 8601; null when the event does not say. */
  readonly timestamp: string | null;
}

const MAX_ERRORS = 10;
const MAX_LOAD_MS = 5_000;

/** The alert that an event means, by the platform's rules: more than 10 errors at once, or a page that took over 5 s. */
export function alertOf({ id, event_type: type, properties, timestamp, created_at: createdAt }: AnalyticsEvent): StatAlert | null {
  const at = timestamp ?? createdAt ?? null;
  const errors = numberIn(properties, 'error_count');
  if (type === 'error' && errors > MAX_ERRORS) return { id, type: 'error_spike', severity: 'high', value: errors, timestamp: at };
  const loadMs = numberIn(properties, 'load_time');
  if (type === 'page_load' && loadMs > MAX_LOAD_MS) return { id, type: 'performance', severity: 'medium', value: loadMs, timestamp: at };
  return null;
}

function numberIn(properties: unknown, name: string): number {
  const value = typeof properties === 'object' && properties !== null ? (properties as Record<string, unknown>)[name] : undefined; // an object has string keys
  return typeof value === 'number' ? value : 0;
}
