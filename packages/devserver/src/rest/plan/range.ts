import { invalidRange } from '../http/errors.ts';

/** Which rows of a result are wanted: `limit` rows (null: all) after the first `offset`. */
export interface RowRange {
  readonly offset: number;
  readonly limit: number | null;
}

/**
 * Rows that both a `Range` header (`0-9`, `5-`) and the query string ask for. A header that is no range asks for all.
 * @throws ApiError PGRST103 when the header ends before it begins.
 */
export function intersectRanges(header: string | null | undefined, query: RowRange): RowRange {
  const match = /^(\d{1,15})-(\d{1,15})?$/.exec(header?.replace(/^items=/, '') ?? '');
  if (match === null) return query;
  const first = Number(match[1]);
  const last = match[2] === undefined ? Infinity : Number(match[2]);
  if (last < first) throw invalidRange('The lower boundary must be lower than or equal to the upper boundary in the Range header.');
  const offset = Math.max(first, query.offset);
  const end = Math.min(last + 1, query.limit === null ? Infinity : query.offset + query.limit);
  return { offset, limit: end === Infinity ? null : Math.max(0, end - offset) };
}

// `0-9/57`, `*/0` when there are no rows, `0-9/*` when nothing was counted.
/** The value of `Content-Range` for rows `lower` to `upper` of `total`. */
export function contentRange(lower: number, upper: number, total: number | null): string {
  const rows = total !== 0 && lower <= upper ? `${lower}-${upper}` : '*';
  return `${rows}/${total ?? '*'}`;
}

/** 416 beyond the last row, 206 for a part of the rows, 200 for all of them or when nothing was counted. */
export function rangeStatus(lower: number, upper: number, total: number | null): 200 | 206 | 416 {
  if (total === null) return 200;
  if (lower > total) return 416;
  return 1 + upper - lower < total ? 206 : 200;
}
