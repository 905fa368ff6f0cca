/** Where and why a text is outside the grammar. */
export class SyntaxFailure extends Error {
  override readonly name = 'SyntaxFailure';

  /** @param position - offset from 0 of the character that could not be read. */
  constructor(
    readonly position: number,
    readonly unexpected: string,
    readonly expecting: string,
  ) {
    super(`unexpected ${unexpected} expecting ${expecting}`);
  }
}

/** A reading position in a text, with the few moves that recursive descent needs. */
export class Cursor {
  #position = 0;

  constructor(readonly text: string) {}

  /** The rest of the text, not consumed. */
  get rest(): string {
    return this.text.slice(this.#position);
  }

  get atEnd(): boolean {
    return this.#position >= this.text.length;
  }

  /** Whether the text continues with `literal`; consumes nothing. */
  sees(literal: string): boolean {
    return this.text.startsWith(literal, this.#position);
  }

  /** Consumes `literal` when it is next. */
  eat(literal: string): boolean {
    if (!this.sees(literal)) return false;
    this.#position += literal.length;
    return true;
  }

  /** Consumes `literal` or fails. */
  expect(literal: string): void {
    if (!this.eat(literal)) this.fail(`"${literal}"`);
  }

  /** Consumes what a sticky pattern matches here; null, and nothing consumed, when it does not match. */
  match(sticky: RegExp): string | null {
    sticky.lastIndex = this.#position;
    const found = sticky.exec(this.text)?.[0] ?? null;
    if (found !== null) this.#position += found.length;
    return found;
  }

  skipSpace(): void {
    this.match(/[ \t]*/y);
  }

  /** Consumes everything that is left. */
  takeRest(): string {
    const rest = this.rest;
    this.#position = this.text.length;
    return rest;
  }

  /** Runs `read`; when it fails the position is as before and the result null. */
  attempt<T>(read: () => T): T | null {
    const start = this.#position;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error;
      this.#position = start;
      return null;
    }
  }

  /** Fails unless everything was read. */
  end(expecting = 'end of input'): void {
    if (!this.atEnd) this.fail(expecting);
  }

  /** @throws SyntaxFailure always, at the current position. */
  fail(expecting: string): never {
    const next = this.text[this.#position];
    throw new SyntaxFailure(this.#position, next === undefined ? 'end of input' : `"${next}"`, expecting);
  }
}

/** One or more `item`s with commas between; spaces around commas are allowed. */
export function commaSeparated<T>(cursor: Cursor, item: (cursor: Cursor) => T): T[] {
  const items: T[] = [];
  do {
    cursor.skipSpace();
    items.push(item(cursor));
    cursor.skipSpace();
  } while (cursor.eat(','));
  return items;
}
