import { isPostgresError, type Caller, type Database, type Tx } from '../database/database.ts';
import type { Logger } from '../logger.ts';
import type { Rights } from './hub/hub.ts';
import { loggable } from '../errors.ts';

/** Asks the policies on `realtime.messages` what a caller may do on a private topic (given without `realtime:`). */
export interface Authorization {
  read(caller: Caller, topic: string): Promise<Rights>;
  write(caller: Caller, topic: string): Promise<Rights>;
}

const NO_RIGHTS: Rights = { broadcast: false, presence: false };

/**
 * Authorization the way the real server does it: probe rows of both extensions are inserted, looked at as the caller,
 * and rolled back. What the select shows may be read, what the insert accepts may be written.
 */
export function createAuthorization({ db, logger }: { db: Database; logger: Logger }): Authorization {
  const probe = (caller: Caller, topic: string, look: (tx: Tx) => Promise<Rights>): Promise<Rights> =>
    rolledBack(db, look).catch((error: unknown) => {
      logger.warn('a private topic could not be authorised', { topic, role: caller.role, error: loggable(error) });
      return NO_RIGHTS;
    });

  return {
    read: (caller, topic) =>
      probe(caller, topic, async (tx) => {
        await tx.query(`${INSERT_PROBE}, ($1, 'presence')`, [topic]);
        await becomeCaller(tx, caller, topic);
        const visible = await tx.query<{ extension: string }>('select extension from realtime.messages where topic = $1 and inserted_at = localtimestamp', [topic]);
        const extensions = new Set(visible.map((row) => row.extension));
        return { broadcast: extensions.has('broadcast'), presence: extensions.has('presence') };
      }),

    write: (caller, topic) =>
      probe(caller, topic, async (tx) => {
        await becomeCaller(tx, caller, topic);
        return { broadcast: await mayInsert(tx, topic, 'broadcast'), presence: await mayInsert(tx, topic, 'presence') };
      }),
  };
}

const INSERT_PROBE = `insert into realtime.messages (topic, extension) values ($1, 'broadcast')`;

async function mayInsert(tx: Tx, topic: string, extension: keyof Rights): Promise<boolean> {
  await tx.exec('savepoint probe');
  try {
    await tx.query(`insert into realtime.messages (topic, extension) values ($1, $2)`, [topic, extension]);
    return true;
  } catch (error) {
    // 42501 is insufficient_privilege: no policy accepts the row, or no grant.
    if (isPostgresError(error) && error.code === '42501') return false;
    throw error;
  } finally {
    await tx.exec('rollback to savepoint probe');
  }
}

/** What Realtime tells the database of a caller, for the rest of the transaction. */
async function becomeCaller(tx: Tx, { role, claims }: Caller, topic: string): Promise<void> {
  const settings = [
    ['session_authorization', 'authenticator'],
    ['role', role],
    ['realtime.topic', topic],
    ['request.jwt.claims', JSON.stringify(claims)],
    ['request.jwt.claim.sub', typeof claims.sub === 'string' ? claims.sub : ''],
    ['request.jwt.claim.role', role],
  ];
  const columns = settings.map((_, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, true)`);
  await tx.query(`select ${columns.join(', ')}`, settings.flat());
}

/** Runs a body in a transaction that leaves nothing behind. */
async function rolledBack<T>(db: Database, body: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await db.transaction(async (tx) => {
      throw new RolledBack(await body(tx));
    });
  } catch (error) {
    // True by construction: the only RolledBack thrown here carries the body's result.
    if (error instanceof RolledBack) return error.result as T;
    throw error;
  }
}

class RolledBack extends Error {
  constructor(readonly result: unknown) {
    super('rolled back on purpose');
  }
}
