import { createRandom, type Random } from './random.ts';
import type { Row } from './rows.ts';

/** What a writer does to one row: `put` inserts it or gives it these values. */
export type Write = ({ readonly op: 'put' } & Row) | { readonly op: 'delete'; readonly id: string };

/** Writes that commit together. */
interface Transaction {
  /** Milliseconds from the writer's start. */
  readonly atMs: number;
  readonly writes: readonly Write[];
}

/** Everything that happens to the table. */
export interface History {
  /** Rows from before anybody looks. */
  readonly before: readonly Write[];
  readonly transactions: readonly Transaction[];
}

const OWNERS = ['u1', 'u2', 'u3'];
const ROWS = 390;
/** Time between two transactions; with their sizes it makes some 40 rows a second. */
const EVERY_MS = 33;
const LARGEST_TRANSACTION = 6;

/**
 * A random life of a table, the same for the same seed: inserts, updates, rows that change their owner and so leave or
 * enter a filter, deletes, deleted keys that come back, and transactions of several rows.
 */
export function randomHistory(seed: number, forMs: number): History {
  const random = createRandom(seed);
  const alive = new Map<string, Row>();
  const dead: string[] = [];
  let count = 0;
  const put = (row: Row): Write => {
    alive.set(row.id, row);
    return { op: 'put', ...row };
  };
  const insert = (): Write => {
    const again = dead.length > 0 && random.between(1, 4) === 1 ? dead.splice(random.between(0, dead.length - 1), 1)[0] : undefined;
    return put(newRow(again ?? `item-${String((count += 1)).padStart(5, '0')}`, random));
  };
  const change = (rows: Row[]): Write => {
    const row = rows.splice(random.between(0, rows.length - 1), 1)[0] as Row; // there are hundreds
    const dice = random.between(1, 100);
    if (dice <= 25) return insert();
    if (dice <= 45) return remove(row.id);
    if (dice <= 60) return put({ ...row, owner: random.oneOf(OWNERS.filter((owner) => owner !== row.owner)) });
    return put({ ...row, title: title(random), amount: row.amount + 1 });
  };
  const remove = (id: string): Write => {
    alive.delete(id);
    dead.push(id);
    return { op: 'delete', id };
  };

  const before = Array.from({ length: ROWS }, insert);
  const transactions: Transaction[] = [];
  for (let atMs = 0; atMs < forMs; atMs += EVERY_MS) {
    const several = random.between(1, 15) === 1;
    // A transaction touches a row once: what is written twice at one time has no order that a version column could tell.
    const untouched = [...alive.values()];
    transactions.push({ atMs, writes: Array.from({ length: several ? random.between(2, LARGEST_TRANSACTION) : 1 }, () => change(untouched)) });
  }
  return { before, transactions };
}

function newRow(id: string, random: Random): Row {
  return { id, owner: random.oneOf(OWNERS), title: title(random), amount: 0 };
}

/** Of the length of a comment or a task. */
function title(random: Random): string {
  return `${random.oneOf(['Read', 'Write', 'Review', 'Ship', 'Plan'])} ${'the next part of it '.repeat(random.between(1, 4))}${String(random.between(0, 999_999))}`;
}
