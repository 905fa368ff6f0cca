/** A type by schema and name as in `pg_type` (`pg_catalog.int4`); of a domain, the type beneath it is apart. */
export interface TypeName {
  readonly schema: string;
  readonly name: string;
}

export interface Column {
  readonly name: string;
  /** The declared type; a domain stays a domain. */
  readonly type: TypeName;
  /** The type that values are compared as: of a domain, the type beneath it. */
  readonly base: TypeName;
  readonly isArray: boolean;
  /** Default or generation expression as Postgres prints it; null when there is none. */
  readonly default: string | null;
}

/** A table or view that the API exposes. */
export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
  readonly isView: boolean;
  /** Columns of the primary key, in its order; of a view, the columns that show keys of tables beneath. */
  readonly primaryKey: readonly string[];
}

/** A foreign key between two tables of a schema, or views that show its columns. */
export interface ForeignKey {
  readonly constraint: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly foreignTable: string;
  readonly foreignColumns: readonly string[];
  /** Whether no two rows of `table` have the same values in `columns`. */
  readonly isUnique: boolean;
}

interface Argument {
  readonly name: string;
  readonly type: TypeName;
  /** As Postgres prints it, for messages. */
  readonly typeText: string;
  readonly hasDefault: boolean;
  readonly isVariadic: boolean;
}

/** What a function gives back. `composite` has columns: a row type, `TABLE (…)`, OUT arguments or `record`. */
type ReturnKind = 'void' | 'scalar' | 'composite';

export interface Routine {
  readonly schema: string;
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly returns: ReturnKind;
  readonly returnsSet: boolean;
  /** Whether at most one row comes back: no set, or one declared as `rows 1`. */
  readonly returnsOne: boolean;
  /** Name of the exposed table whose row type is returned; its foreign keys serve embedding. */
  readonly returnsTable: string | null;
  /** Columns of OUT arguments or `TABLE (…)`. */
  readonly columns: readonly Column[];
  readonly isVolatile: boolean;
}

/** Everything the API knows about a schema. */
export interface Schema {
  readonly name: string;
  readonly tables: ReadonlyMap<string, Table>;
  readonly foreignKeys: readonly ForeignKey[];
  readonly routines: ReadonlyMap<string, readonly Routine[]>;
}
