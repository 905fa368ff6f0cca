import type { OutputOf, StandardSchema } from '../lib/standardSchema.ts';

/** What happened to a row. */
export type ChangeType = 'INSERT' | 'UPDATE' | 'DELETE';

/** One condition on a column; sent to the server with the join and used for snapshots of the same rows. */
export interface Filter {
  readonly column: string;
  readonly operator: 'eq' | 'neq' | 'lt' | 'lte' | 'gt' | 'gte' | 'in';
  readonly value: string | number | boolean | readonly (string | number)[];
}

/** Which rows of one table a channel listens to. */
export interface TableDefinition<Params = never, Row extends StandardSchema = StandardSchema> {
  /** Schema of a whole row; INSERT and UPDATE rows must satisfy it. */
  readonly row: Row;
  /** Primary key columns. @defaultValue `['id']` */
  readonly key?: readonly string[];
  /** A column that grows with every update of a row, such as `updated_at`; lets snapshots tell old changes from new ones. */
  readonly version?: string;
  /**
   * int8 and numeric columns that the row schema takes as text, with all their digits (`z.string()`, `z.coerce.bigint()` …).
   * Needs `decode: decodeFrame` among supabase-js's realtime options. Every other column is a number; one past 2^53 that a
   * double cannot hold goes to `invalid$` as `inexact`. NaN and infinity arrive as null in changes: the server sends no more.
   * @defaultValue none
   */
  readonly exact?: readonly string[];
  /** Database schema. @defaultValue `'public'` */
  readonly schema?: string;
  /** Kinds of change to receive. @defaultValue all three */
  readonly events?: readonly ChangeType[];
  /**
   * Rows to receive; none means every row the caller may see. A channel takes one condition per table. The server sends
   * nothing of a row that leaves it, and a DELETE only if the condition is on the key or the table is `replica identity full`.
   */
  readonly filter?: (params: Params) => Filter;
}

/** Schemas by name: of rows by table, of payloads by broadcast event. */
export type Schemas = Readonly<Record<string, StandardSchema>>;

/** No schemas at all. */
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- an object without members is what is meant
export type NoSchemas = Readonly<Record<never, StandardSchema>>;

/** A channel as data: what it is called on the wire and what may come over it. Made by {@link defineChannel}. */
export interface ChannelDefinition<
  Params = never,
  Rows extends Schemas = Schemas,
  Broadcasts extends Schemas = Schemas,
  Presence extends StandardSchema | undefined = StandardSchema | undefined,
> {
  readonly name: string;
  readonly topic: (params: Params) => string;
  readonly private: boolean;
  readonly tables: { readonly [T in keyof Rows]: TableDefinition<Params, Rows[T]> };
  readonly broadcasts: Broadcasts;
  readonly presence: Presence;
}

/** What {@link defineChannel} takes. */
export interface ChannelOptions<Params, Rows extends Schemas, Broadcasts extends Schemas, Presence extends StandardSchema | undefined> {
  /** Name of the definition in code, logs and errors; unique in an app. */
  name: string;
  /** Topic on the wire, without the `realtime:` prefix; a function when it depends on params. */
  topic: string | ((params: Params) => string);
  /** Whether policies on `realtime.messages` guard the channel. @defaultValue `false` */
  private?: boolean;
  /** What to listen to, by table name. */
  tables?: { readonly [T in keyof Rows]: TableDefinition<Params, Rows[T]> };
  /** Schemas of the messages, by event name. */
  broadcasts?: Broadcasts;
  /** Schema of the state each member shares; giving it turns presence on. */
  presence?: Presence;
}

/**
 * Describes a channel. Nothing is opened: hand the definition to `realtime.channel(definition, params)`.
 * Types of params, rows, broadcast payloads and presence state are inferred from it.
 */
export function defineChannel<
  Params = void,
  Rows extends Schemas = NoSchemas,
  Broadcasts extends Schemas = NoSchemas,
  Presence extends StandardSchema | undefined = undefined,
>(options: ChannelOptions<Params, Rows, Broadcasts, Presence>): ChannelDefinition<Params, Rows, Broadcasts, Presence> {
  const { name, topic, private: isPrivate = false, tables, broadcasts, presence } = options;
  return {
    name,
    topic: typeof topic === 'string' ? () => topic : topic,
    private: isPrivate,
    // Each is absent only when its type parameter has its empty default.
    tables: tables ?? ({} as { readonly [T in keyof Rows]: TableDefinition<Params, Rows[T]> }),
    broadcasts: broadcasts ?? ({} as Broadcasts),
    presence: presence as Presence,
  };
}

/** Params a definition needs; `void` when none. */
export type ParamsOf<D extends ChannelDefinition> = D extends { readonly topic: (params: infer Params) => string } ? Params : never;
/** Params as rest arguments: none, or one object. */
export type ParamsArgs<D extends ChannelDefinition> = [ParamsOf<D>] extends [void] ? [] : [params: ParamsOf<D>];
/** Params as a member of options: not there, or required. */
export type ParamsOption<D extends ChannelDefinition> = [ParamsOf<D>] extends [void] ? { readonly params?: undefined } : { readonly params: ParamsOf<D> };
/** Names of a definition's tables. */
export type TableNames<D extends ChannelDefinition> = keyof D['tables'] & string;
/** Type of a row of one of its tables. */
export type RowOf<D extends ChannelDefinition, T extends TableNames<D>> = OutputOf<D['tables'][T]['row']>;
/** Names of its broadcast events. */
export type BroadcastNames<D extends ChannelDefinition> = keyof D['broadcasts'] & string;
/** Payload of one of its broadcast events. */
export type BroadcastOf<D extends ChannelDefinition, E extends BroadcastNames<D>> = OutputOf<D['broadcasts'][E]>;
/** State its members share; `never` without presence. */
export type PresenceOf<D extends ChannelDefinition> = OutputOf<NonNullable<D['presence']>>;
