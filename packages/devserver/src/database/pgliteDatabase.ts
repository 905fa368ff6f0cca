import type { PGlite } from '@electric-sql/pglite';
import { loggable } from '../errors.ts';
import { breathe } from '../lib/breathe.ts';
import type { Logger } from '../logger.ts';
import type { Caller, Database, QueryResult, RunAsOptions, Tx } from './database.ts';

/** The part of PGlite that a transaction and the database have in common. */
type Connection = Pick<PGlite, 'query' | 'exec'>;

/** Session user of requests, so that `reset role` inside a function leads to it and not to the superuser. */
const SESSION_USER = 'authenticator';

/** The {@link Database} on one PGlite instance, which runs one transaction at a time. */
export function pgliteDatabase(pglite: PGlite, logger: Logger): Database {
  let closing: Promise<void> | undefined;
  return {
    ...transactionOf(pglite),
    runAs: (caller, body, options = {}) =>
      pglite.transaction(async (connection) => {
        await connection.query(...becomeCaller(caller, options));
        const result = await body(transactionOf(connection));
        if (options.rollback === true) await connection.rollback();
        return result;
      }),
    transaction: (body) => pglite.transaction((connection) => body(transactionOf(connection))),
    listen: async (channel, listener) => {
      const name = quoteIdentifier(channel);
      const heard = guarded(listener, logger);
      await pglite.listen(name, heard);
      return async () => {
        // Not PGlite's own function to stop, which forgets the quotes and so misses names with capitals.
        if (closing === undefined) await pglite.unlisten(name, heard);
      };
    },
    close: () => (closing ??= pglite.close()),
  };
}

function transactionOf(connection: Connection): Tx {
  const run = async <Row>(sql: string, params: readonly unknown[] = []): Promise<QueryResult<Row>> => {
    await breathe();
    const { rows, affectedRows = 0, fields } = await connection.query<Row>(sql, [...params]);
    return { rows, affectedRows, fields };
  };
  return {
    run,
    query: async <Row>(sql: string, params?: readonly unknown[]) => (await run<Row>(sql, params)).rows,
    exec: async (sql) => {
      await breathe();
      await connection.exec(sql);
    },
  };
}

/** One statement that sets, for this transaction only, what PostgREST sets; its columns are evaluated left to right. */
function becomeCaller({ role, claims }: Caller, { method, path, headers = {}, readOnly = false }: RunAsOptions): [string, string[]] {
  const settings: [string, string][] = [
    ['session_authorization', SESSION_USER],
    ['role', role],
    ['request.jwt.claims', JSON.stringify(claims)],
    ['request.jwt.claim.sub', typeof claims.sub === 'string' ? claims.sub : ''],
    ['request.method', method ?? ''],
    ['request.path', path ?? ''],
    ['request.headers', JSON.stringify(headers)],
    ['transaction_read_only', readOnly ? 'on' : 'off'],
  ];
  const columns = settings.map((_, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, true)`);
  return [`select ${columns.join(', ')}`, settings.flat()];
}

/** PGlite calls listeners in a microtask of their own, where an error would end the process. */
function guarded(listener: (payload: string) => void, logger: Logger): (payload: string) => void {
  return (payload) => {
    try {
      listener(payload);
    } catch (error) {
      logger.error('a notification listener failed', { error: loggable(error) });
    }
  };
}

function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
