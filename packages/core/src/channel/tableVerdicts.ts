import type { RealtimeError } from '../errors.ts';
import type { JoinRequest } from '../wire/types.ts';

/** What the server has said of the tables that channels ask for. Made by {@link createTableVerdicts}. */
export interface TableVerdicts {
  /** Whether it has taken them. */
  readonly confirmed: (request: JoinRequest) => boolean;
  /** Why it refused them; null when it did not. */
  readonly refusal: (request: JoinRequest) => RealtimeError | null;
  confirm(requests: readonly JoinRequest[]): void;
  /**
   * Notes that the tables of these channels were refused together, and says whose are to blame: of the one that was never
   * confirmed. Null when that cannot be said; then none counts as confirmed, so that each is tried alone.
   */
  blame(requests: readonly JoinRequest[], error: RealtimeError): JoinRequest | null;
  /** Forgets a refusal. */
  pardon(request: JoinRequest): void;
}

/** Keeps the verdicts for as long as their channels live. */
export function createTableVerdicts(): TableVerdicts {
  const verdicts = new WeakMap<JoinRequest, 'confirmed' | RealtimeError>();
  const confirmed = (request: JoinRequest): boolean => verdicts.get(request) === 'confirmed';
  const refusal = (request: JoinRequest): RealtimeError | null => {
    const verdict = verdicts.get(request);
    return verdict === undefined || verdict === 'confirmed' ? null : verdict;
  };
  return {
    confirmed,
    refusal,
    confirm(requests) {
      for (const request of requests) verdicts.set(request, 'confirmed');
    },
    blame(requests, error) {
      const [suspect, ...more] = requests.length === 1 ? requests : requests.filter((request) => !confirmed(request));
      if (suspect !== undefined && more.length === 0) {
        verdicts.set(suspect, error);
        return suspect;
      }
      for (const request of requests) verdicts.delete(request);
      return null;
    },
    pardon(request) {
      if (refusal(request) !== null) verdicts.delete(request);
    },
  };
}
