import type { Database } from '../../database/database.ts';
import { ApiError } from '../http/apiError.ts';
import { introspect } from './introspect.ts';
import type { Schema } from './model.ts';

/** The catalogue as last read, and when to read it again. */
export interface SchemaCache {
  /**
   * What `plan` makes of the schema. When it finds something missing (PGRST2xx), the catalogue may have changed
   * without a notification, so it is read again, once, before that is the answer.
   */
  plan<T>(plan: (schema: Schema) => T): Promise<T>;
}

/**
 * Knows the exposed schema of a database.
 * `notify pgrst, 'reload schema'` (and a bare `notify pgrst`) makes it read the catalogue again.
 */
export function createSchemaCache(db: Database, schemaName: string): SchemaCache {
  let current: Promise<Schema> | undefined;
  let listening: Promise<unknown> | undefined;

  const read = (): Promise<Schema> => {
    const reading = introspect(db, schemaName);
    current = reading;
    // A failed read must not be remembered as the schema.
    reading.catch(() => {
      if (current === reading) current = undefined;
    });
    return reading;
  };
  const get = async (): Promise<Schema> => {
    listening ??= db.listen('pgrst', (payload) => {
      if (payload === '' || payload === 'reload schema') current = undefined;
    });
    await listening;
    return current ?? read();
  };

  return {
    plan: async (plan) => {
      try {
        return plan(await get());
      } catch (error) {
        if (!(error instanceof ApiError) || !error.body.code.startsWith('PGRST2')) throw error;
        return plan(await read());
      }
    },
  };
}
