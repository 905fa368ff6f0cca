import { generator, rowMaker, type ChallengeRow } from '../core/rows.ts';

/** A write to the table. */
export interface RowChange {
  type: 'INSERT' | 'UPDATE' | 'DELETE';
  id: string;
  /** The row as it is now; of a deleted one as it was. */
  row: ChallengeRow;
}

/** A table of about `size` rows and what happens to it, the same in every run. */
export interface History {
  /** The next changes: of ten, eight updates, an insert of the latest row and a delete. */
  next(count: number): RowChange[];
  /** The rows as they are after the changes given out, latest first. */
  rows(): ChallengeRow[];
}

/** Rows are listed as the seed lists them: by when they were made, the latest first. */
export const ORDER_COLUMN = 'created_at';

/** The order of the list; ids break ties. */
export function compareRows(a: ChallengeRow, b: ChallengeRow): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/** Begins a history. */
export function createHistory(size: number): History {
  const random = generator(size);
  const make = rowMaker(random);
  const rows = new Map<string, ChallengeRow>();
  /** Ids in no order, to choose one at random. */
  const ids: string[] = [];
  let now = Date.parse('2026-06-01T00:00:00Z');

  const add = (row: ChallengeRow): ChallengeRow => {
    rows.set(row.id, row);
    ids.push(row.id);
    return row;
  };
  const at = (): number => Math.floor(random() * ids.length);
  const held = (id: string | undefined): ChallengeRow => {
    const row = rows.get(id ?? '');
    if (row === undefined) throw new Error('the history has no rows left');
    return row;
  };
  const change = (step: number): RowChange => {
    if (step === 0) {
      const row = add({ ...make(), created_at: timeText((now += 10)) });
      return { type: 'INSERT', id: row.id, row };
    }
    const place = at();
    const known = held(ids[place]);
    if (step === 5) {
      ids[place] = ids.at(-1) ?? '';
      ids.pop();
      rows.delete(known.id);
      return { type: 'DELETE', id: known.id, row: known };
    }
    const row = { ...make(), id: known.id, created_at: known.created_at, updated_at: timeText((now += 10)) };
    rows.set(row.id, row);
    return { type: 'UPDATE', id: row.id, row };
  };
  for (let n = 0; n < size; n += 1) add(make());
  let steps = 0;
  return {
    next: (count) => Array.from({ length: count }, () => change(steps++ % 10)),
    rows: () => [...rows.values()].sort(compareRows),
  };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+00:00');
}
