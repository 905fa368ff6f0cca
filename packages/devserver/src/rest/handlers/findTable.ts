import { noTable } from '../http/errors.ts';
import type { Schema, Table } from '../schema/model.ts';
import { similarName } from '../schema/similar.ts';

/** The table or view of a name. @throws ApiError PGRST205 with the nearest name as its hint. */
export function findTable(schema: Schema, name: string): Table {
  const table = schema.tables.get(name);
  if (table === undefined) throw noTable(schema.name, name, similarName(name, schema.tables.keys()));
  return table;
}
