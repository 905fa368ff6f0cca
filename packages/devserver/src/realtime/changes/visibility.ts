import type { Tx } from '../../database/database.ts';
import type { RowChange } from './rowChange.ts';
import type { TableInfo } from './tableInfo.ts';

/** Whoever asks for a row, with claims as the JSON text the database reads them from. Equal keys mean equal rights. */
export interface Reader {
  key: string;
  role: string;
  claims: string;
}

/** A reader and the positions, in a list of changes, of those it asks about. */
export interface Question {
  reader: Reader;
  positions: ReadonlySet<number>;
}

/**
 * Asks row security, as it is now and in one call, which changed rows each reader may see.
 * @returns positions by {@link Reader.key}; a policy that fails on a reader's claims hides the row from that reader
 */
export async function visibleRows(db: Tx, table: TableInfo, changes: readonly RowChange[], asking: readonly Question[]): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  // A plan is good for one role.
  const questions = [...asking].sort((a, b) => (a.reader.role < b.reader.role ? -1 : 1));
  const asked = [...new Set(questions.flatMap(({ positions }) => [...positions]))].sort((a, b) => a - b);
  const ordinals = new Map(asked.map((position, index) => [position, index + 1]));
  const [answer] = await db.query<{ seen: string }>(`select realtime_changes.visible_${table.relid}($1::jsonb[], $2::text[], $3::text[], $4::text[]) as seen`, [
    asked.map((position) => changes[position]?.key ?? '{}'),
    questions.map(({ reader }) => reader.role),
    questions.map(({ reader }) => reader.claims),
    questions.map(({ positions }) => `{${[...positions].map((position) => ordinals.get(position)).join(',')}}`),
  ]);
  // One row for all: a row for each costs the database's protocol more than asking does.
  const seen = answer?.seen.split(' ') ?? [];
  return new Map(questions.map(({ reader }, index) => [reader.key, new Set(parseOrdinals(seen[index]).map((ordinal) => asked[ordinal - 1] ?? -1))]));
}

/** Reads an array literal of integers, `{1,2}`. */
function parseOrdinals(literal = '{}'): number[] {
  const inside = literal.slice(1, -1);
  return inside === '' ? [] : inside.split(',').map(Number);
}
