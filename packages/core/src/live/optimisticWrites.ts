/** What an action will do to a table, shown before the server has confirmed it. */
export type OptimisticEffect = { readonly schema?: string; readonly table: string } & (
  /** The row as the server will send it: it must satisfy the row schema, or it is not shown. Without effect on a row that is there. */
  | { readonly type: 'INSERT'; readonly row: Readonly<Record<string, unknown>> }
  /** `key` holds the columns of the primary key, `changes` values as rows hold them. Without effect on a row that is not there. */
  | { readonly type: 'UPDATE'; readonly key: Readonly<Record<string, unknown>>; readonly changes: Readonly<Record<string, unknown>> }
  | { readonly type: 'DELETE'; readonly key: Readonly<Record<string, unknown>> }
);

/** A write that is under way, and what it will do. */
export interface OptimisticWrite {
  readonly id: string;
  /** Place among the others: effects on one row are applied in growing order. Ties go by arrival. */
  readonly order: number;
  readonly effects: readonly OptimisticEffect[];
}

/** What became of a write. */
export type WriteEvent =
  /** It is to be shown; in place of what was shown of it before. */
  | { readonly type: 'shown'; readonly write: OptimisticWrite }
  /** It will not happen. */
  | { readonly type: 'withdrawn'; readonly write: OptimisticWrite }
  /** It has happened. `rows` are those the server answered with. */
  | { readonly type: 'confirmed'; readonly write: OptimisticWrite; readonly rows: readonly Readonly<Record<string, unknown>>[] };

/** Writes under way, for live queries to show over their rows. Made by {@link createOptimisticWrites}. */
export interface OptimisticWrites {
  /** Shows a write at once; one that is shown already is replaced. */
  show(write: OptimisticWrite): void;
  /** Takes back what is shown of a write, alone. Unknown ones are ignored. */
  withdraw(id: string): void;
  /**
   * Has the confirmed rows take the place of a write. Rows that `output` – a row, a list of rows, or supabase-js's response
   * with them – does not have are read from the table, and the write is shown until they were. Unknown ones are ignored.
   */
  confirm(id: string, output: unknown): void;
  /** Those that touch a table. */
  of(schema: string, table: string): readonly OptimisticWrite[];
  /** Tells of every change that touches a table, synchronously, until the returned function is called. */
  listen(schema: string, table: string, listener: (event: WriteEvent) => void): () => void;
}

/** Makes an empty list. */
export function createOptimisticWrites(): OptimisticWrites {
  const writes = new Map<string, OptimisticWrite>();
  const listeners = new Map<string, Set<(event: WriteEvent) => void>>();
  const tell = (event: WriteEvent, tables = tablesOf(event.write)): void => {
    for (const table of tables) for (const listener of [...(listeners.get(table) ?? [])]) listener(event);
  };
  return {
    show(write) {
      const before = writes.get(write.id);
      writes.set(write.id, write);
      tell({ type: 'shown', write }, new Set([...tablesOf(write), ...(before === undefined ? [] : tablesOf(before))]));
    },
    withdraw(id) {
      const write = writes.get(id);
      if (write === undefined) return;
      writes.delete(id);
      tell({ type: 'withdrawn', write });
    },
    confirm(id, output) {
      const write = writes.get(id);
      if (write === undefined) return;
      writes.delete(id);
      tell({ type: 'confirmed', write, rows: rowsIn(output) });
    },
    of(schema, table) {
      const name = nameOf(schema, table);
      return [...writes.values()].filter((write) => tablesOf(write).has(name));
    },
    listen(schema, table, listener) {
      const name = nameOf(schema, table);
      const entry = (event: WriteEvent): void => { listener(event); }; // the same function listening twice is two listeners
      const known = listeners.get(name) ?? new Set();
      listeners.set(name, known.add(entry));
      return () => {
        if (known.delete(entry) && known.size === 0 && listeners.get(name) === known) listeners.delete(name);
      };
    },
  };
}

function nameOf(schema: string, table: string): string {
  return JSON.stringify([schema, table]);
}

function tablesOf({ effects }: OptimisticWrite): Set<string> {
  return new Set(effects.map(({ schema = 'public', table }) => nameOf(schema, table)));
}

/** The rows in an action's output. */
function rowsIn(output: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!isObject(output)) return [];
  if (Array.isArray(output)) return output.filter(isObject);
  const isResponse = 'data' in output && 'error' in output && 'status' in output;
  return isResponse ? rowsIn(output['data']) : [output];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
