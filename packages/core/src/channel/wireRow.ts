import type { StandardSchema } from '../lib/standardSchema.ts';
import { sameContent } from '../lib/sameContent.ts';
import { validate, type Validation } from '../pipeline/validate.ts';

type Row = Readonly<Record<string, unknown>>;

/** What rows were before their schema made other values of some columns; only of such rows. */
const wireRows = new WeakMap<Row, Row>();
/** Whether there are any: most schemas make none, and a row is asked about many times. */
let hasWireRows = false;

/**
 * A row with the values that the server gave, whatever its schema made of them. Keys, order, versions and conditions are
 * judged by these: a `Date` has no microseconds, and a bigint no JSON.
 */
export function wireOf(row: Row): Row {
  return hasWireRows ? (wireRows.get(row) ?? row) : row;
}

/** Checks a row from the wire against its schema, and remembers for {@link wireOf} what it came as. */
export function validateRow(schema: StandardSchema, row: Row): Validation<unknown> {
  const checked = validate(schema, row);
  if (checked.ok) noteWire(checked.value as Row, row); // a row schema gives an object
  return checked;
}

/** Remembers what a row came as. Of JSON in a column nothing is kept: it is no key, order or version. */
function noteWire(row: Row, wire: Row): void {
  if (row === wire) return;
  let changed: Record<string, unknown> | null = null;
  for (const column in row) {
    const value = wire[column];
    if (value === row[column] || value === undefined || (typeof value === 'object' && value !== null)) continue;
    changed ??= { ...row };
    changed[column] = value;
  }
  if (changed === null) return;
  wireRows.set(row, changed);
  hasWireRows = true;
}

/** Some columns of a row, or more of them, made by `make` of the row; what it came as goes with it. */
export function remade<Made extends Row>(row: Row, make: (row: Row) => Made): Made {
  const made = make(row);
  const wire = wireOf(row);
  if (wire !== row) noteWire(made, make(wire));
  return made;
}

/** Whether two rows came with equal content. */
export function sameRow(a: Row, b: Row): boolean {
  return sameContent(wireOf(a), wireOf(b));
}
