import type { Database } from '../../database/database.ts';
import { ApiError } from '../http/apiError.ts';
import { introspect } from './introspect.ts';
import type { Schema } from './model.ts';
import { readSettings, type RestSettings } from './settings.ts';

/** The catalogue as last read, and when to read it again. */
export interface SchemaCache {
  /** The settings in force. */
  settings(): Promise<RestSettings>;
  /**
   * What `plan` makes of a schema. When it finds something missing (PGRST2xx), the catalogue may have changed
   * without a notification, so it is read again, once, before that is the answer.
   */
  plan<T>(schemaName: string, plan: (schema: Schema) => T): Promise<T>;
}

/**
 * Knows the schemas and settings of a database. `notify pgrst, 'reload schema'`, `'reload config'` and a bare
 * `notify pgrst` make it read them again.
 */
export function createSchemaCache(db: Database, given: RestSettings): SchemaCache {
  const settings = remember(() => readSettings(db, given));
  const schemas = new Map<string, Remembered<Schema>>();
  let listening: Promise<unknown> | undefined;

  const forget = () => {
    settings.forget();
    for (const schema of schemas.values()) schema.forget();
  };
  const listen = () =>
    (listening ??= db.listen('pgrst', (payload) => {
      if (['', 'reload schema', 'reload config'].includes(payload)) forget();
    }));
  const schemaNamed = (name: string): Remembered<Schema> => {
    const schema = schemas.get(name) ?? remember(() => introspect(db, name));
    schemas.set(name, schema);
    return schema;
  };

  return {
    settings: async () => {
      await listen();
      return settings.get();
    },
    plan: async (name, plan) => {
      await listen();
      const schema = schemaNamed(name);
      try {
        return plan(await schema.get());
      } catch (error) {
        if (!(error instanceof ApiError) || !error.body.code.startsWith('PGRST2')) throw error;
        schema.forget();
        return plan(await schema.get());
      }
    },
  };
}

/** Something read once and kept until it is to be read again. */
interface Remembered<T> {
  get(): Promise<T>;
  forget(): void;
}

function remember<T>(read: () => Promise<T>): Remembered<T> {
  let current: Promise<T> | undefined;
  const reread = (): Promise<T> => {
    const reading = read();
    current = reading;
    // A failed read must not be remembered.
    reading.catch(() => {
      if (current === reading) current = undefined;
    });
    return reading;
  };
  return { get: () => current ?? reread(), forget: () => (current = undefined) };
}
