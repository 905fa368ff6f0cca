/** A tuple, which JSON does not have and error texts show as `{…}`. */
export class Tuple {
  constructor(readonly items: readonly unknown[]) {}
}

/** Widest line before a value is broken over several. */
const WIDTH = 80;

/**
 * Shows a value the way Elixir's `inspect/1` does, since the real server puts that into its error texts: maps sorted by
 * key, `nil`, and lines of at most 80 columns.
 */
export function inspect(value: unknown): string {
  return render(value, 0);
}

function render(value: unknown, indent: number): string {
  const flat = flatten(value);
  if (indent + flat.length <= WIDTH) return flat;
  if (value instanceof Tuple) return filled('{', value.items, '}', indent);
  if (Array.isArray(value)) return value.every(isScalar) ? filled('[', value, ']', indent) : stacked('[', value.map((item) => ['', item]), ']', indent);
  if (isMap(value)) return stacked('%{', entries(value), '}', indent);
  return flat;
}

function flatten(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'string') return inspectString(value);
  if (value instanceof Tuple) return `{${value.items.map(flatten).join(', ')}}`;
  if (Array.isArray(value)) return `[${value.map(flatten).join(', ')}]`;
  if (isMap(value)) return `%{${entries(value).map(([key, item]) => key + flatten(item)).join(', ')}}`;
  return JSON.stringify(value);
}

/** One item a line. */
function stacked(open: string, items: readonly (readonly [string, unknown])[], close: string, indent: number): string {
  const pad = ' '.repeat(indent + 2);
  return `${open}\n${items.map(([key, item]) => pad + key + render(item, indent + 2)).join(',\n')}\n${' '.repeat(indent)}${close}`;
}

/** As many items a line as fit. */
function filled(open: string, items: readonly unknown[], close: string, indent: number): string {
  let text = open;
  let column = indent + open.length;
  items.forEach((item, index) => {
    const shown = render(item, indent + 1);
    const separator = index === 0 ? '' : ' ';
    if (index > 0 && column + separator.length + shown.length + 1 > WIDTH) {
      text += `\n${' '.repeat(indent + 1)}`;
      column = indent + 1;
    } else {
      text += separator;
      column += separator.length;
    }
    const ending = index === items.length - 1 ? '' : ',';
    text += shown + ending;
    column += shown.length + ending.length;
  });
  return text + close;
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function entries(map: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.keys(map)
    .sort()
    .map((key) => [`${inspectString(key)} => `, map[key]]);
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u0000': '\\0', '\u001b': '\\e' };

function inspectString(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is escaped
  const escaped = text.replaceAll(/["\\\u0000-\u001f]/g, (char) => ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  return `"${escaped.replaceAll('#{', '\\#{')}"`;
}
