/**
 * The raw text of the elements of a JSON array, so that a payload can be passed on digit by digit.
 * The text must be valid JSON (parse it first); anything but an array gives `null`.
 */
export function sliceArray(text: string): string[] | null {
  const start = skipSpace(text, 0);
  if (text[start] !== '[') return null;
  const slices: string[] = [];
  for (let at = skipSpace(text, start + 1); text[at] !== ']'; ) {
    const end = endOfValue(text, at);
    slices.push(text.slice(at, end));
    at = skipComma(text, end);
  }
  return slices;
}

/**
 * The raw text of an object's values by key; of a key given twice the last counts, as in `JSON.parse`.
 * The text must be valid JSON; anything but an object gives `null`.
 */
export function sliceObject(text: string): Map<string, string> | null {
  return slicesOf(text, null);
}

/**
 * As {@link sliceObject}, of some keys only, in the text's order; reads no further than the last of them, and so takes
 * no notice of a key given twice.
 */
export function pickMembers(text: string, keys: ReadonlySet<string>): Map<string, string> | null {
  return slicesOf(text, keys);
}

function slicesOf(text: string, wanted: ReadonlySet<string> | null): Map<string, string> | null {
  const start = skipSpace(text, 0);
  if (text[start] !== '{') return null;
  const slices = new Map<string, string>();
  for (let at = skipSpace(text, start + 1); text[at] !== '}' && slices.size !== wanted?.size; ) {
    const endOfKey = endOfString(text, at);
    const key = stringAt(text, at, endOfKey);
    const value = skipSpace(text, skipSpace(text, endOfKey) + 1);
    const end = endOfValue(text, value);
    if (wanted === null || wanted.has(key)) slices.set(key, text.slice(value, end));
    at = skipComma(text, end);
  }
  return slices;
}

/** The string whose JSON text lies there. */
function stringAt(text: string, start: number, end: number): string {
  const inside = text.slice(start + 1, end - 1);
  // True for valid JSON: it is the text of a string.
  return inside.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : inside;
}

/** An object's members as written, without the braces: what can be spliced into another object. */
export function membersOf(objectText: string): string {
  const trimmed = objectText.trim();
  return trimmed.slice(1, -1).trim();
}

/** The same value in one spelling: sorted keys, no white space, digits untouched. Equal texts mean equal values. */
export function canonicalJson(text: string): string {
  return canonicalAt(text, skipSpace(text, 0)).value;
}

/** One pass, since a client chooses how deep its JSON is. */
function canonicalAt(text: string, start: number): { value: string; end: number } {
  const opening = text[start];
  if (opening !== '{' && opening !== '[') {
    const end = endOfValue(text, start);
    const scalar = text.slice(start, end);
    return { value: opening === '"' ? JSON.stringify(JSON.parse(scalar)) : scalar, end };
  }
  const closing = opening === '{' ? '}' : ']';
  const members = new Map<string, string>();
  let at = skipSpace(text, start + 1);
  while (text[at] !== closing) {
    let key = String(members.size);
    if (opening === '{') {
      const endOfKey = endOfString(text, at);
      key = JSON.stringify(JSON.parse(text.slice(at, endOfKey)));
      at = skipSpace(text, skipSpace(text, endOfKey) + 1);
    }
    const { value, end } = canonicalAt(text, at);
    members.set(key, value);
    at = skipComma(text, end);
  }
  const inside = opening === '[' ? [...members.values()] : [...members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}:${value}`);
  return { value: `${opening}${inside.join(',')}${closing}`, end: at + 1 };
}

function skipComma(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text[at] === ',' ? skipSpace(text, at + 1) : at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  if (first === '{' || first === '[') return endOfNested(text, start);
  let at = start;
  while (at < text.length && !endsScalar(text.charCodeAt(at))) at += 1;
  return at;
}

/** White space, a comma or a closing bracket. */
function endsScalar(code: number): boolean {
  return code <= 0x20 || code === 0x2c || code === 0x5d || code === 0x7d;
}

function endOfNested(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at) - 1;
    else if (code === 0x7b || code === 0x5b) depth += 1;
    else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0;
  while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}
