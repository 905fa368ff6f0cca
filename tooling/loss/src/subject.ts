import type { SupabaseClient } from '@supabase/supabase-js';
import type { Rows } from './rows.ts';

/** Forms of one table: its rows are deleted, or marked as deleted, or deleted and in the change log. */
export const TABLES = ['items', 'items_soft', 'items_logged'] as const;
type Table = (typeof TABLES)[number];

/** One condition of a query. */
export interface OwnerFilter {
  readonly column: 'owner';
  readonly value: string;
}

/** What an app starts from: its supabase client, and what it wants to show. */
export interface App {
  /** Whose `fetch` and sockets are counted; signed in where the fault is about tokens. */
  readonly supabase: SupabaseClient;
  readonly table: Table;
  /** Which rows; `null` for all. */
  readonly filter: OwnerFilter | null;
  /** Id of who is signed in, if anybody is. */
  readonly userId: string | null;
}

/** An app that shows rows. */
export interface Running {
  /** What it shows now. */
  rows: () => Rows;
  /** Unmounts it. */
  stop(): Promise<void>;
}

/** A way to keep rows on the screen: ours, a pattern of plain supabase-js, or a library. */
export interface Subject {
  /** What the command calls it. */
  readonly name: string;
  /** What the table calls it, in few words. */
  readonly title: string;
  /** Packages whose versions matter, by name. */
  readonly packages: readonly string[];
  /** The form of the table that its documentation asks for. */
  readonly table: Table;
  /** Whether it listens to changes; for limits that count listeners. */
  readonly listens: boolean;
  /** Whether it is ours, so that the command fails when a row is wrong. */
  readonly ours: boolean;
  /** Mounts it, as an app does when its page opens. */
  start(app: App): Promise<Running>;
}
