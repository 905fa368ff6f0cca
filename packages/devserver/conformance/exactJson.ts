/** A JSON value that keeps the digits of its numbers. */
export type Exact = null | boolean | string | Digits | Exact[] | Map<string, Exact>;

/** A JSON number as written. */
export class Digits {
  constructor(readonly text: string) {}
}

/** Parses JSON without rounding its numbers; `undefined` for what is not JSON. A key given twice counts by its last value. */
export function parseExact(text: string): Exact | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return new Reader(text).value();
}

/** Reads text that `JSON.parse` has accepted, so that it need not check again. */
class Reader {
  readonly #token = /\s*([[\]{},:]|"(?:[^"\\]|\\.)*"|[^\s[\]{},:"]+)/y;

  constructor(readonly text: string) {}

  value(token = this.#next()): Exact {
    if (token === '{') return this.#object();
    if (token === '[') return this.#array();
    if (token.startsWith('"')) return JSON.parse(token) as string;
    if (token === 'null') return null;
    return token === 'true' || token === 'false' ? token === 'true' : new Digits(token);
  }

  #object(): Map<string, Exact> {
    const object = new Map<string, Exact>();
    for (let token = this.#next(); token !== '}'; token = this.#next()) {
      if (token === ',') continue;
      this.#next();
      object.set(JSON.parse(token) as string, this.value());
    }
    return object;
  }

  #array(): Exact[] {
    const array: Exact[] = [];
    for (let token = this.#next(); token !== ']'; token = this.#next()) {
      if (token !== ',') array.push(this.value(token));
    }
    return array;
  }

  #next(): string {
    return this.#token.exec(this.text)?.[1] ?? ']';
  }
}
