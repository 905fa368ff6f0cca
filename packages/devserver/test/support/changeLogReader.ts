/** What `changes_since` gives. */
export interface ChangesAnswer {
  cursor: string;
  reset: boolean;
  more: boolean;
  needs_known: boolean;
  rows: Record<string, unknown>[];
  gone: Record<string, string>[];
}

/** Arguments of `changes_since`. */
export interface ChangesQuestion {
  table_name: string;
  since?: string | null;
  conditions?: { column: string; operator: string; value: unknown }[];
  columns?: string[];
  known?: string[][];
  page_size?: number;
}

/** Where a {@link createReader} asks. */
export interface ReaderSource {
  table: string;
  key: readonly string[];
  question?: Omit<ChangesQuestion, 'table_name' | 'since' | 'known'>;
  ask: (question: ChangesQuestion) => Promise<ChangesAnswer>;
  /** All rows the reader may see and wants, for a start and after a reset. */
  readAll: () => Promise<Record<string, unknown>[]>;
}

/** A client of the change log as simple as can be: the model that tests hold against the table. */
export interface Reader {
  readonly rows: ReadonlyMap<string, Record<string, unknown>>;
  /** How often the whole table was read. */
  readonly snapshots: number;
  /** Reads what is new, page by page. `betweenPages` is called before each further page. */
  catchUp(betweenPages?: () => Promise<void>): Promise<void>;
}

export function createReader({ table, key, question = {}, ask, readAll }: ReaderSource): Reader {
  const rows = new Map<string, Record<string, unknown>>();
  let cursor: string | null = null;
  let snapshots = 0;
  const keyOf = (row: Record<string, unknown>) => JSON.stringify(key.map((column) => String(row[column])));
  return {
    rows,
    get snapshots() {
      return snapshots;
    },
    async catchUp(betweenPages = () => Promise.resolve()) {
      for (;;) {
        const answer: ChangesAnswer = await ask({ ...question, table_name: table, since: cursor, known: [...rows.keys()].map((text) => JSON.parse(text) as string[]) });
        cursor = answer.cursor;
        if (answer.reset) {
          rows.clear();
          snapshots += 1;
          for (const row of await readAll()) rows.set(keyOf(row), row);
          return;
        }
        for (const row of answer.rows) rows.set(keyOf(row), row);
        for (const row of answer.gone) rows.delete(keyOf(row));
        if (!answer.more) return;
        await betweenPages();
      }
    },
  };
}
