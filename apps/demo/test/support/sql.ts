import { inject } from 'vitest';

/** Rows of one statement in the backend's database, as superuser: what is there, whatever a page shows. */
export async function sql<Row>(query: string, params: readonly unknown[] = []): Promise<Row[]> {
  const response = await fetch(inject('sqlUrl'), { method: 'POST', body: JSON.stringify({ query, params }) });
  const { rows, message } = (await response.json()) as { rows?: Row[]; message?: string };
  if (rows === undefined) throw new Error(message);
  return rows;
}

/** A write as the database did it. */
export interface Written {
  readonly verb: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly row: Readonly<Record<string, unknown>>;
}

/** Every write of a table's row that has these values, in the order in which the database did them. */
export function journalOf(table: string, match: Readonly<Record<string, unknown>>): Promise<Written[]> {
  return sql<Written>('select verb, "row" from public.journal where kind = $1 and "row" @> $2::jsonb order by place', [table, JSON.stringify(match)]);
}
