import type { PGlite } from '@electric-sql/pglite';
import type { DevServer } from '@ruwad/realtime-devserver';
import { createHash } from 'node:crypto';

/** Somewhere statements run: our server or the bare PGlite. */
export type Run = (sql: string, params: unknown[]) => Promise<unknown>;

export function oursOf(server: DevServer): Run {
  return (sql, params) => server.sql(sql, params);
}

export function bareOf(pglite: PGlite): Run {
  return (sql, params) => pglite.query(sql, params);
}

/** The same id for the same number, so that both sides write the same rows. */
export function uuid(n: number): string {
  const hex = createHash('md5').update(String(n)).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}

/** Writes the row number `n` of an app's usual table, about 450 bytes as JSON. */
export function insertRow(run: Run, table: string, n: number, { authorId = uuid(n), isPublic = false } = {}): Promise<unknown> {
  const time = new Date(1_767_225_600_000 + n * 1000).toISOString();
  return run(`insert into ${table} (id, title, body, status, priority, is_public, score, author_id, created_at, updated_at, metadata) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, [
    uuid(n), `alpha bravo ${n}`, 'charlie delta echo foxtrot golf hotel india juliet', 'open', n % 5, isPublic, n / 8, authorId, time, time, { tags: ['a', 'b'], v: n % 7 },
  ]);
}

export function updateRow(run: Run, table: string, n: number): Promise<unknown> {
  return run(`update ${table} set score = $1, updated_at = now() where id = $2`, [Math.random(), uuid(n)]);
}

