import type { Caller, Database } from '../../database/database.ts';
import type { Preferences } from '../grammar/preferences.ts';
import type { Media } from '../http/media.ts';
import type { SchemaCache } from '../schema/schemaCache.ts';
import type { RestSettings } from '../schema/settings.ts';

/** A request with everything read from it that does not depend on the schema. */
export interface RestRequest {
  readonly method: string;
  /** Path without query, and headers, for `request.path` and `request.headers` in SQL. */
  readonly path: string;
  readonly headers: Headers;
  readonly search: URLSearchParams;
  readonly preferences: Preferences;
  readonly media: Media;
  readonly caller: Caller;
  readonly settings: RestSettings;
  /** The exposed schema whose tables and functions are meant. */
  readonly schema: string;
  /** The body as sent; empty when there is none. */
  body(): Promise<string>;
}

/** What handlers work with. */
export interface RestContext {
  readonly db: Database;
  readonly schemas: SchemaCache;
}
