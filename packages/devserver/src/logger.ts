/** Facts that belong to a log line; never tokens, e-mail addresses or row contents. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the dev server writes what it does. A `consola` instance fits after {@link silentLogger}'s shape. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const ignore = (): void => undefined;

/** Drops every line; the default of `startDevServer` and of tests. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
