/** A value bound as a parameter; always sent as text, which Postgres converts to the type it is cast to. */
interface Bound {
  readonly value: string;
}

/**
 * A piece of SQL with its values apart from its text.
 * Pieces only combine with pieces, so a request's text can reach SQL in two ways alone: quoted as an identifier, or bound.
 */
export class Fragment {
  constructor(readonly parts: readonly (string | Bound)[]) {}

  /** Text with `$1 …` and the values in their order. */
  compile(): { text: string; params: string[] } {
    const params: string[] = [];
    const text = this.parts
      .map((part) => (typeof part === 'string' ? part : `$${params.push(part.value)}::pg_catalog.text`))
      .join('');
    return { text, params };
  }
}

/** A template whose holes are fragments. */
export function sql(texts: TemplateStringsArray, ...holes: readonly Fragment[]): Fragment {
  return new Fragment(texts.flatMap((text, index) => [text, ...(holes[index]?.parts ?? [])]));
}

/** Nothing. */
export const empty = new Fragment([]);

/** A value, as text. */
export function bound(value: string): Fragment {
  return new Fragment([{ value }]);
}

/** A whole number, written into the text. */
export function integer(value: number): Fragment {
  if (!Number.isSafeInteger(value)) throw new RangeError('an integer in SQL must be safe');
  return new Fragment([String(value)]);
}

/** Names joined by dots, each quoted. Postgres text cannot hold NUL, so a name ends before it. */
export function ident(...names: readonly string[]): Fragment {
  return new Fragment([names.map(quoteName).join('.')]);
}

/** SQL of our own making, or one that Postgres printed. Never a request's text. */
export function trusted(text: string): Fragment {
  return new Fragment([text]);
}

/** Fragments with a separator between; `otherwise` when there are none. */
export function join(fragments: readonly Fragment[], separator: string, otherwise: Fragment = empty): Fragment {
  if (fragments.length === 0) return otherwise;
  return new Fragment(fragments.flatMap((fragment, index) => (index === 0 ? fragment.parts : [separator, ...fragment.parts])));
}

function quoteName(name: string): string {
  return `"${(name.split('\0')[0] ?? '').replaceAll('"', '""')}"`;
}
