/** Rows whose values are as Postgres prints them; null is null. */
export type TextRow = Readonly<Record<string, string | null>>;

/** A value with what ends it: quoted, with doubled quotes inside, or bare. Backslashes are told apart nowhere, so none is taken. */
const VALUE = /(?:"((?:[^"\\]|"")*)"|([^",\\\n]*))(,|\n|$)/y;

/**
 * Rows of the CSV that PostgREST makes: a line of names, then each row as Postgres prints a record. Bare nothing is null and
 * `""` is empty. Null when the text is none of that, or has a backslash, which records double and CSV does not.
 *
 * @see https://github.com/PostgREST/postgrest/issues/1374
 */
export function parseCsv(text: string): readonly TextRow[] | null {
  const headEnd = text.indexOf('\n');
  if (headEnd < 0) return null;
  const [names, body] = [text.slice(0, headEnd).split(','), text.slice(headEnd + 1)];
  if (body === '') return headEnd === 0 ? [] : null;
  const rows: TextRow[] = [];
  VALUE.lastIndex = 0;
  for (let ended = false; !ended; ) {
    const row: Record<string, string | null> = {};
    for (const [at, name] of names.entries()) {
      const [, quoted, bare, end] = VALUE.exec(body) ?? [];
      if (end === undefined || (end === ',') !== at < names.length - 1) return null;
      row[name] = quoted?.replaceAll('""', '"') ?? (bare === '' ? null : (bare ?? null));
      ended = end === '';
    }
    rows.push(row);
  }
  return rows;
}

/** A time as JSON has it, of one as Postgres prints it; any other text as it is. */
export function jsonTime(text: string): string {
  const [, day, time, hours, rest] = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-]\d\d)(:[\d:]+)?)?$/.exec(text) ?? [];
  if (day === undefined || time === undefined) return text;
  return `${day}T${time}${hours === undefined ? '' : `${hours}${rest ?? ':00'}`}`;
}

/** Whether JSON says a value in the same words: not those of booleans, times, and numbers such as `1.50`. */
export function isSameInJson(text: string): boolean {
  if (text === 't' || text === 'f' || jsonTime(text) !== text) return false;
  const value = Number(text);
  return Number.isNaN(value) || (String(value) === text && (Number.isSafeInteger(value) || !Number.isInteger(value)));
}
