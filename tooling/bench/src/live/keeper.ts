import type { ChallengeRow } from '../core/rows.ts';
import type { RowChange } from './history.ts';

/** One way to keep the rows of a table in order while they change. */
export interface Keeper {
  /** Takes the rows as a server answers: JSON texts of a thousand rows each, in the list's order. */
  load(pages: readonly string[]): Promise<void>;
  /**
   * Puts a change into the shape in which it arrives, its JSON parsed, and gives what has it arrive. Once that is done the
   * list is as it should be, at the latest with the next {@link frame}.
   */
  arrival(change: RowChange): () => void | Promise<void>;
  /** A frame is painted. */
  frame(): void;
  /** The list, as an array; null of what keeps none. */
  rows(): readonly ChallengeRow[] | null;
  /** Forgets the rows. */
  unload(): void | Promise<void>;
}
