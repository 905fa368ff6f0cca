const ROWS = ['record', 'old_record'] as const;
const NUMBER = /-?\d[\d.eE+-]*/g;

type Json = Record<string, unknown>;

/**
 * Replaces the values of int8 and numeric columns, and of arrays of them, by their text as the server wrote it.
 *
 * `JSON.parse` has lost the digits by then, and Node 20 has no access to the source text of a value; so when a digit may be
 * missing, the frame is parsed once more with all of its numbers quoted.
 *
 * @param payload - of a `postgres_changes` message, freshly parsed; changed in place.
 * @param reparse - parses the quoted frame and gives the same payload of it.
 */
export function exactColumns(payload: Json, frame: string, reparse: (frame: string) => Json): void {
  const data = payload['data'];
  if (!isObject(data) || !Array.isArray(data['columns'])) return;
  let quoted: Json | undefined;
  for (const column of data['columns'] as readonly unknown[]) {
    if (!isObject(column) || !isDecimal(column['type'])) continue;
    const { name } = column;
    if (typeof name !== 'string') continue;
    for (const member of ROWS) {
      const row = data[member];
      if (!isObject(row) || !Object.hasOwn(row, name)) continue;
      const value = row[name];
      if (column['type'] === 'int8' && Number.isSafeInteger(value)) row[name] = String(value);
      else if (typeof value === 'number' || Array.isArray(value)) {
        quoted ??= reparse(quoteNumbers(frame))['data'] as Json; // as it was in the frame above
        row[name] = (quoted[member] as Json)[name]; // as above
      }
    }
  }
}

/** Valid JSON with every number turned into the text of it. Strings are stepped over, whatever they hold. */
export function quoteNumbers(json: string): string {
  let quoted = '';
  let at = 0;
  for (;;) {
    const open = json.indexOf('"', at);
    quoted += json.slice(at, open === -1 ? json.length : open).replace(NUMBER, '"$&"');
    if (open === -1) return quoted;
    at = endOfString(json, open);
    quoted += json.slice(open, at);
  }
}

/** Where the string that opens here is over: behind a quotation mark with an even number of backslashes before it. */
function endOfString(json: string, open: number): number {
  for (let close = open; ;) {
    close = json.indexOf('"', close + 1);
    if (close === -1) return json.length;
    let before = close;
    while (json.charCodeAt(before - 1) === BACKSLASH) before -= 1;
    if ((close - before) % 2 === 0) return close + 1;
  }
}

const BACKSLASH = 92;

/** Column types whose JSON numbers may have more digits than a double holds. */
function isDecimal(type: unknown): boolean {
  return type === 'int8' || type === 'numeric' || type === '_int8' || type === '_numeric';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
