/** A column of a result, with the oid of its Postgres type. */
interface Field {
  name: string;
  dataTypeID: number;
}

/** Everything Postgres says about one statement. */
export interface QueryResult<Row> {
  rows: Row[];
  /** Rows inserted, updated or deleted; 0 for a select. */
  affectedRows: number;
  fields: Field[];
}

/**
 * Somewhere statements run: a transaction, or the database itself (each call its own transaction).
 *
 * Values arrive as JavaScript booleans, numbers (int2, int4, float), parsed json and byte arrays. Everything a number
 * or a `Date` would round is text, as Postgres prints it: int8, numeric, date and the timestamps.
 * A refused statement rejects with a {@link PostgresError}.
 */
export interface Tx {
  /** Rows of one statement, with `$1 …` parameters. */
  query<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Runs one or more statements without parameters; results are dropped. */
  exec(sql: string): Promise<void>;
  /** One statement with its fields and the number of rows it touched. */
  run<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<QueryResult<Row>>;
}

/** Who a request acts as, taken from a verified token. */
export interface Caller {
  /** Postgres role: `anon`, `authenticated`, `service_role` or any role `authenticator` may become. */
  role: string;
  /** Claims of the token; the database reads them from `request.jwt.claims`. */
  claims: Record<string, unknown>;
}

/** What PostgREST tells the database of a request, and how its transaction ends. */
export interface RunAsOptions {
  /** HTTP method, as `request.method`. */
  method?: string;
  /** Path without query, as `request.path`. */
  path?: string;
  /** Headers with lower-case names, as `request.headers`. */
  headers?: Record<string, string>;
  /** Refuse writes (SQLSTATE 25006). @defaultValue `false` */
  readOnly?: boolean;
  /** Undo everything after the body succeeded. @defaultValue `false` */
  rollback?: boolean;
}

/** The embedded Postgres. Statements outside {@link Database.runAs} run as the superuser `postgres`, beyond RLS. */
export interface Database extends Tx {
  /**
   * One transaction as `caller`, the way PostgREST does it: session user `authenticator`, role and claims set locally.
   * A body that throws undoes everything and rejects with what it threw.
   * Do not use the database itself inside the body: there is one connection, so that would wait for ever.
   */
  runAs<T>(caller: Caller, body: (tx: Tx) => Promise<T>, options?: RunAsOptions): Promise<T>;
  /** One transaction as superuser; the same rules as {@link Database.runAs}. */
  transaction<T>(body: (tx: Tx) => Promise<T>): Promise<T>;
  /** Hears `notify` on a channel after its transaction committed; resolves to a function that stops listening. */
  listen(channel: string, listener: (payload: string) => void): Promise<() => Promise<void>>;
  /** Waits for the running statement, then shuts Postgres down. Safe to call twice. */
  close(): Promise<void>;
}

/** What Postgres says when it refuses a statement. */
export interface PostgresError extends Error {
  /** SQLSTATE, five characters. */
  code: string;
  detail?: string;
  hint?: string;
  /** 1-based character offset into the statement, where Postgres knows it. */
  position?: string;
  where?: string;
  schema?: string;
  table?: string;
  column?: string;
  constraint?: string;
}

/** Whether a caught value is an error of the database, rather than of our code. */
export function isPostgresError(error: unknown): error is PostgresError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code);
}
