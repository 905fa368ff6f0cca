import { withPatience } from './patience.ts';

/** Events of one kind, kept as they come. */
export interface EventLog<Event> {
  /** Oldest first; grows. */
  readonly events: readonly Event[];
  /**
   * The oldest event that matches and that `next` has not given out yet; waits for it.
   * @throws Error that says what came instead, after the patience of the backend
   */
  next(matches?: (event: Event) => boolean): Promise<Event>;
}

/** An {@link EventLog} and the function that writes to it. */
export function createEventLog<Event>(what: string, patienceMs: number): { log: EventLog<Event>; add: (event: Event) => void } {
  const events: Event[] = [];
  const fresh: Event[] = [];
  const waiting = new Set<(event: Event) => boolean>();

  const take = (matches: (event: Event) => boolean): Promise<Event> => {
    const index = fresh.findIndex(matches);
    const [known] = index === -1 ? [] : fresh.splice(index, 1);
    if (known !== undefined) return Promise.resolve(known);
    let taker: (event: Event) => boolean;
    const taken = new Promise<Event>((resolve) => {
      taker = (event) => {
        if (!matches(event)) return false;
        resolve(event);
        return true;
      };
      waiting.add(taker);
    });
    const seen = () => (events.length === 0 ? 'none came' : `${events.length} came, the last was ${excerpt(events.at(-1))}`);
    return withPatience(taken, { what, seen, patienceMs }).finally(() => waiting.delete(taker));
  };

  return {
    log: { events, next: (matches = () => true) => take(matches) },
    add: (event) => {
      events.push(event);
      for (const taker of waiting) {
        if (!taker(event)) continue;
        waiting.delete(taker);
        return;
      }
      fresh.push(event);
    },
  };
}

const EXCERPT_LENGTH = 500;

function excerpt(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > EXCERPT_LENGTH ? `${text.slice(0, EXCERPT_LENGTH)} …` : text;
}
