import { isPostgresError } from './database/database.ts';

/** Stable codes of {@link DevServerError}; each is explained in the package's README. */
export type DevServerErrorCode =
  | 'port/taken'
  | 'port/unavailable'
  | 'data-dir/locked'
  | 'data-dir/outdated'
  | 'data-dir/unreadable'
  | 'baseline/failed'
  | 'migration/failed'
  | 'migration/unreadable'
  | 'seed/failed'
  | 'seed/unreadable';

/**
 * Why the dev server could not start. The message is one line: what failed, why, and where there is something to do,
 * what to do.
 */
export class DevServerError extends Error {
  override readonly name = 'DevServerError';

  constructor(
    readonly code: DevServerErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * What a log may say of an error while clients are served. Postgres quotes values of rows and parameters in its messages,
 * and JSON's parser quotes the text: of these only the code or the name is told.
 */
export function loggable(error: unknown): string {
  if (isPostgresError(error)) return `SQLSTATE ${error.code}`;
  return error instanceof SyntaxError ? error.name : messageOf(error);
}

/** Whether an error of Node's file or network calls has this code, e.g. `ENOENT`. */
export function hasNodeCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
