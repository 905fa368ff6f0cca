import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DevServerError, hasNodeCode, messageOf, type DevServerErrorCode } from '../errors.ts';
import { isPostgresError, type PostgresError, type Tx } from './database.ts';
import { lineAt, splitStatements, type SqlStatement } from './sqlStatements.ts';

const STATEMENT_EXCERPT_LENGTH = 160;
/** PGlite would wait for the rows for ever, and the whole process with it. */
const COPY_FROM_CLIENT = /^copy\b[^;]*\bfrom\s+stdin\b/i;

/** A SQL file that was read. */
export interface SqlFile {
  path: string;
  name: string;
  text: string;
}

/** The `*.sql` files of a folder in name order. Rejects with `code` when the folder or a file cannot be read. */
export async function readSqlFolder(folder: string, code: DevServerErrorCode): Promise<SqlFile[]> {
  const names = await orFail(readdir(folder), folder, code);
  const files = names.filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(files.map((name) => readSqlFile(join(folder, name), code)));
}

/** Folders and files, one after the other: of a folder what {@link readSqlFolder} reads, and `….sql` as it is. */
export async function readSqlPaths(paths: string | readonly string[], code: DevServerErrorCode): Promise<SqlFile[]> {
  const parts = [paths].flat().map(async (path) => (path.endsWith('.sql') ? [await readSqlFile(path, code)] : readSqlFolder(path, code)));
  return (await Promise.all(parts)).flat();
}

/** One SQL file without its byte order mark. Rejects with `code` when it cannot be read. */
export async function readSqlFile(path: string, code: DevServerErrorCode): Promise<SqlFile> {
  const text = await orFail(readFile(path, 'utf8'), path, code);
  return { path, name: basename(path), text: text.replace(/^\uFEFF/, '') };
}

/**
 * Runs a file statement by statement. A refusal becomes one line with file, line, SQLSTATE and the statement, under
 * `code`.
 */
export async function runSqlFile(tx: Tx, file: SqlFile, code: DevServerErrorCode): Promise<void> {
  for (const statement of splitStatements(file.text)) {
    if (COPY_FROM_CLIENT.test(statement.text)) {
      throw new DevServerError(code, `${file.path}:${statement.line}: copy … from stdin takes its rows from a client, and here is none; write insert statements instead (pg_dump --inserts does)`);
    }
    try {
      await tx.exec(statement.text);
    } catch (error) {
      if (!isPostgresError(error)) throw error;
      throw new DevServerError(code, refusal(file, statement, error), { cause: error });
    }
  }
}

function refusal(file: SqlFile, statement: SqlStatement, error: PostgresError): string {
  const line = statement.line + lineAt(statement.text, offsetOf(statement.text, error.position)) - 1;
  const facts = [error.detail, error.hint && `hint: ${error.hint}`].filter(Boolean).map((fact) => `; ${fact}`).join('');
  return oneLine(`${file.path}:${line}: ${error.message} (SQLSTATE ${error.code})${facts}; in: ${excerpt(statement.text)}`);
}

/** Postgres counts characters from 1, JavaScript UTF-16 units from 0. */
function offsetOf(text: string, position: string | undefined): number {
  if (position === undefined) return 0;
  return Array.from(text).slice(0, Number(position) - 1).join('').length;
}

function excerpt(text: string): string {
  const line = oneLine(text);
  return line.length > STATEMENT_EXCERPT_LENGTH ? `${line.slice(0, STATEMENT_EXCERPT_LENGTH)} …` : line;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

async function orFail<T>(reading: Promise<T>, path: string, code: DevServerErrorCode): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const reason = hasNodeCode(error, 'ENOENT') ? 'there is no such file or folder' : messageOf(error);
    throw new DevServerError(code, `cannot read ${path}: ${reason}`, { cause: error });
  }
}
