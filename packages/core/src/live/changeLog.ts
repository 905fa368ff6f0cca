import type { PostgrestError, SupabaseClient } from '@supabase/supabase-js';
import { asRecord } from '../lib/asRecord.ts';
import type { Filter } from '../channel/defineChannel.ts';
import { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { readExact } from './exactRows.ts';
import type { AnyRow } from './rowWindow.ts';

/** Most keys that `changes_since` takes in one call. */
export const MOST_KNOWN = 1_000;
/** How long an answer may take, in ms. */
const ANSWER_TIMEOUT_MS = 30_000;

/** The function, or the table in its log, is not there: for PostgREST, for Postgres, by the function itself. */
const ABSENT: ReadonlySet<string> = new Set(['PGRST202', '42883', '42P01']);
/** What passes: no connection, or a gateway without the server behind it. */
const RETRYABLE_STATUS: ReadonlySet<number> = new Set([0, 408, 425, 429, 502, 503, 504]);

/** What is asked of a table's log; the arguments of `changes_since`. */
export interface LogQuestion {
  readonly schema: string;
  readonly table: string;
  /** Conditions that rows meet. */
  readonly filters: readonly Filter[];
  /** Columns to give, separated by commas; `*` for all. */
  readonly columns: string;
  /** Of these, the columns whose numbers are given as texts. */
  readonly exact: readonly string[];
  /** Cursor of the last answer; null for a first one. */
  readonly since: string | null;
  /** Rows that are held, each as the texts of its key; at most {@link MOST_KNOWN}. */
  readonly known: readonly (readonly string[])[];
  /** Most entries to go through. */
  readonly pageSize: number;
}

/** What the log tells. */
export interface LogAnswer {
  /** Where to go on from. */
  readonly cursor: string;
  /** The question's cursor is good no more, or there was none: read the table, then go on from the new one. */
  readonly reset: boolean;
  /** There is more to be read now. */
  readonly more: boolean;
  /** Rows that are gone are told of those among `known` alone. */
  readonly needsKnown: boolean;
  /** Rows as they are now. */
  readonly rows: readonly AnyRow[];
  /** Keys of rows that cannot be seen or do not meet the conditions; of any rows, not only held ones. */
  readonly gone: readonly AnyRow[];
}

/** The change logs of one project: what `supabase/optional/change_log.sql` makes. */
export interface ChangeLog {
  /**
   * Asks a table's log. Null when it is of no help: there is none, which is said once and remembered, or it failed in a
   * way that trying again does not mend. Rejects with `live/snapshot-failed` when it may answer later.
   */
  ask(question: LogQuestion): Promise<LogAnswer | null>;
  /** Aborts what is being asked. */
  end: () => void;
}

/** Makes the reader of one client's logs. */
export function createChangeLog(supabase: () => SupabaseClient, { clock, logger }: { clock: Clock; logger: Logger }): ChangeLog {
  const absent = new Set<string>();
  const asking = new Set<AbortController>();

  const request = async (question: LogQuestion): Promise<{ data: unknown; error: PostgrestError | null; status: number }> => {
    const abort = new AbortController();
    const timer = clock.setTimeout(() => { abort.abort(); }, ANSWER_TIMEOUT_MS);
    asking.add(abort);
    try {
      return await supabase().schema('public').rpc('changes_since', argumentsOf(question)).abortSignal(abort.signal);
    } finally {
      clock.clearTimeout(timer);
      asking.delete(abort);
    }
  };
  /** Without the message, which may quote values. */
  const noHelp = (name: string, code: string): null => {
    if (ABSENT.has(code)) absent.add(name);
    logger.warn(absent.has(name) ? `there is no change log of ${name}; its rows are compared with the table` : `the change log of ${name} gave no answer; the table is read instead`, { code });
    return null;
  };

  const answerTo = async (question: LogQuestion, name: string): Promise<LogAnswer | null> => {
    const { data, error, status } = await request(question);
    if (error === null) return answerOf(data) ?? noHelp(name, 'malformed');
    if (!RETRYABLE_STATUS.has(status)) return noHelp(name, error.code);
    throw new RealtimeError('live/snapshot-failed', `changes of "${question.table}" could not be read; ${error.message}`, { cause: error });
  };

  return {
    async ask(question) {
      const name = `${question.schema}.${question.table}`;
      if (absent.has(name)) return null;
      const answers: (LogAnswer | null)[] = [];
      const rows = await readExact(question.exact, question.columns, async (columns) => {
        const answer = await answerTo({ ...question, columns }, name);
        answers.push(answer);
        return answer?.rows ?? [];
      });
      const answer = answers.at(-1) ?? null;
      return answer && { ...answer, rows };
    },
    end() {
      for (const abort of asking) abort.abort();
    },
  };
}

function argumentsOf({ schema, table, filters, columns, since, known, pageSize }: LogQuestion): Record<string, unknown> {
  return {
    schema_name: schema,
    table_name: table,
    since,
    conditions: filters,
    columns: columns.match(/(?:"[^"]*"|[^",])+/g),
    known,
    page_size: pageSize,
  };
}

/** The answer by its parts; null when one is not as it should be. Rows are validated by whoever merges them. */
function answerOf(data: unknown): LogAnswer | null {
  const { cursor, reset, more, needs_known: needsKnown, rows, gone } = asRecord(data);
  if (typeof cursor !== 'string' || typeof reset !== 'boolean' || typeof more !== 'boolean' || typeof needsKnown !== 'boolean') return null;
  if (!isObjects(rows) || !isObjects(gone)) return null;
  return { cursor, reset, more, needsKnown, rows, gone };
}

function isObjects(value: unknown): value is readonly AnyRow[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item));
}
