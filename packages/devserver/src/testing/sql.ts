/**
 * Runs one statement and resolves to its rows, each of type `Row`, which the caller vouches for. As a tag its values
 * become parameters: ``sql`select * from notes where id = ${id}` ``. As a function it takes text with `$1 …`.
 *
 * int8, numeric, dates and times come as text, as Postgres prints them. Rejects with Postgres's error.
 */
export interface Sql {
  <Row = Record<string, unknown>>(query: TemplateStringsArray, ...params: unknown[]): Promise<Row[]>;
  <Row = Record<string, unknown>>(query: string, params?: readonly unknown[]): Promise<Row[]>;
}

/** Gives a function that runs statements the two forms of {@link Sql}. */
export function createSql(run: <Row>(query: string, params: readonly unknown[]) => Promise<Row[]>): Sql {
  return <Row>(query: string | TemplateStringsArray, ...rest: unknown[]): Promise<Row[]> => {
    // True by the two signatures: text is followed by at most one list.
    if (typeof query === 'string') return run<Row>(query, (rest[0] as readonly unknown[] | undefined) ?? []);
    return run<Row>(query.reduce((text, part, index) => `${text}$${index}${part}`), rest);
  };
}
