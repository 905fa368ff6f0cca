/** How values of a type appear, where that is otherwise than `to_jsonb` writes them. */
export interface Shape {
  /** Whether the text of a row may hold a value that appears otherwise. */
  mayApply: (rowText: string) => boolean;
  /** The value as it appears; from JSON text to JSON text. */
  apply: (json: string) => string;
}

/** NaN and infinities have no JSON number: `to_jsonb` writes them as text. */
const NUMBER: Shape = {
  mayApply: (rowText) => rowText.includes('NaN"') || rowText.includes('Infinity"'),
  apply: (json) => (json.startsWith('"') ? 'null' : json),
};
/** The real server casts to the bare type name, which means one character. */
const CHARACTER: Shape = { mayApply: () => true, apply: firstCharacter };

const SHAPES: Readonly<Partial<Record<string, Shape>>> = {
  // hexadecimal without `\x`
  bytea: { mayApply: (rowText) => rowText.includes('\\\\x'), apply: (json) => json.replace('\\\\x', '') },
  bpchar: CHARACTER,
  bit: CHARACTER,
  float4: NUMBER,
  float8: NUMBER,
  numeric: NUMBER,
};

/** The shape of a type's values (`pg_type.typname`), if they have one. */
export function shapeOf(type: string): Shape | undefined {
  return SHAPES[type];
}

function firstCharacter(json: string): string {
  const text: unknown = JSON.parse(json);
  return typeof text === 'string' && text !== '' ? JSON.stringify(String.fromCodePoint(text.codePointAt(0) ?? 0)) : json;
}
