import * as z from 'zod/mini';

// The column types the tables are made of, as they arrive in JSON.
export const uuid = z.string();
export const text = z.string();
/** ISO 8601 with offset, as Postgres writes timestamptz into JSON. */
export const timestamp = z.string();
/** `YYYY-MM-DD`. */
export const date = z.string();
/** `HH:MM:SS`. */
export const time = z.string();
export const int = z.number();
/** int8 as a number; past 2^53 the row is reported as `inexact`. */
export const bigint = z.number();
/** numeric as a JSON number; null stands for NaN too. */
export const numeric = z.number();
export const bool = z.boolean();
export const json = z.unknown();

/** A nullable column. */
export const nullable = z.nullable;
/** A nullable column that some versions of the platform's database do not have. */
export const optional = z.nullish;
export const list = z.array;
