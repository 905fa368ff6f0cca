import { isPostgresError, type Database, type Tx } from '../database/database.ts';
import { AuthError } from './authError.ts';

/**
 * One transaction as GoTrue runs it: by `supabase_auth_admin`, whose search path is `auth` alone. A trigger that works
 * only for a superuser, or finds its tables only by luck, fails here as it does in a project.
 * @param failure - what the client is told when Postgres refuses; why goes to the log alone.
 * @throws AuthError `unexpected_failure` when Postgres refuses.
 */
export async function authTransaction<T>(db: Database, failure: string, body: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await db.transaction(async (tx) => {
      await tx.exec('set local role supabase_auth_admin; set local search_path = auth');
      return body(tx);
    });
  } catch (error) {
    throw isPostgresError(error) ? new AuthError(500, 'unexpected_failure', failure, { cause: error }) : error;
  }
}
