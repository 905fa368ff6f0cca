/** One step of a JSON path: `->` keeps JSON, `->>` turns into text. A number is an array index. */
export interface JsonStep {
  readonly arrow: '->' | '->>';
  readonly key: string | number;
}

/** A column, or a value inside a JSON column. */
export interface Field {
  readonly name: string;
  readonly path: readonly JsonStep[];
}

/** How an embedded resource joins: `inner` drops parents without a match. */
export type JoinKind = 'left' | 'inner';

/** `alias:relation!hint!inner(…)`, or `...relation(…)` when spread into the parent. */
export interface EmbedItem {
  readonly kind: 'embed';
  readonly relation: string;
  readonly alias: string | null;
  readonly hint: string | null;
  readonly join: JoinKind | null;
  readonly spread: boolean;
  readonly items: readonly SelectItem[];
}

/** `alias:column->path::cast`. */
export interface ColumnItem {
  readonly kind: 'column';
  readonly field: Field;
  readonly alias: string | null;
  readonly cast: string | null;
}

/** Functions that make one value of many rows. */
export const AGGREGATES = ['count', 'sum', 'avg', 'max', 'min'] as const;

/** `alias:column->path::cast.sum()::cast`, or `alias:count()`, which has no column. */
export interface AggregateItem {
  readonly kind: 'aggregate';
  readonly aggregate: (typeof AGGREGATES)[number];
  readonly field: Field | null;
  readonly alias: string | null;
  /** The type its values are cast to before, and its result after. */
  readonly fieldCast: string | null;
  readonly cast: string | null;
}

/** One comma-separated part of `select`. */
export type SelectItem = { readonly kind: 'star' } | ColumnItem | AggregateItem | EmbedItem;

/** Operators that compare a field with one value, and may be quantified as `op(any)` or `op(all)`. */
export const QUANTIFIABLE = ['eq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'match', 'imatch'] as const;
/** Operators that compare a field with one value and take no quantifier. */
export const PLAIN = ['neq', 'isdistinct', 'cs', 'cd', 'ov', 'sl', 'sr', 'nxr', 'nxl', 'adj'] as const;
/** Full-text search operators. */
export const FTS = ['fts', 'plfts', 'phfts', 'wfts'] as const;
/** What `is.` accepts. */
export const IS_VALUES = ['null', 'not_null', 'true', 'false', 'unknown'] as const;

export type QuantifiableOperator = (typeof QUANTIFIABLE)[number];
export type PlainOperator = (typeof PLAIN)[number];
export type FtsOperator = (typeof FTS)[number];
export type IsValue = (typeof IS_VALUES)[number];

/** What a filter does with its field. */
export type Operation =
  | { readonly kind: 'compare'; readonly operator: QuantifiableOperator | PlainOperator; readonly value: string }
  | {
      readonly kind: 'quantified';
      readonly operator: QuantifiableOperator;
      readonly quantifier: 'any' | 'all';
      readonly value: string;
    }
  | { readonly kind: 'in'; readonly values: readonly string[] }
  | { readonly kind: 'is'; readonly value: IsValue }
  | { readonly kind: 'fts'; readonly operator: FtsOperator; readonly language: string | null; readonly value: string };

/** `not.eq.5` without its field. */
export interface OperatorExpression {
  readonly negated: boolean;
  readonly operation: Operation;
}

/** A boolean tree of filters: the root of `or=(…)`, or one plain filter. */
export type Logic =
  | { readonly kind: 'filter'; readonly field: Field; readonly expression: OperatorExpression }
  | { readonly kind: 'and' | 'or'; readonly negated: boolean; readonly terms: readonly Logic[] };

/** One comma-separated part of `order`; `relation` is set for `relation(field)`. */
export interface OrderTerm {
  readonly relation: string | null;
  readonly field: Field;
  readonly direction: 'asc' | 'desc' | null;
  readonly nulls: 'nullsfirst' | 'nullslast' | null;
}
