import type { PGlite } from '@electric-sql/pglite';

/** The parts of Postgres' C API and of Emscripten's runtime that the guard calls; addresses are of C variables. */
interface PostgresModule {
  _PostgresMainLoopOnce(): void;
  _PG_exception_stack: number;
  _error_context_stack: number;
  _SPI_cursor_find(name: number): number;
  _GetCurrentTransactionNestLevel(): number;
  _RollbackAndReleaseCurrentSubTransaction(): void;
  _errstart(level: number, domain: number): number;
  _errcode(sqlState: number): void;
  _errmsg_internal(format: number, args: number): void;
  _errfinish(file: number, line: number, routine: number): void;
  stackSave(): number;
  stackRestore(pointer: number): void;
  getValue(address: number, type: 'i32'): number;
  setValue(address: number, value: number, type: 'i32'): void;
  stringToNewUTF8(text: string): number;
}

/** `ERROR` of Postgres' elog.h. */
const ERROR = 21;
/** `ERRCODE_STATEMENT_TOO_COMPLEX`, 54001, as elog.h packs five characters of six bits. */
const STATEMENT_TOO_COMPLEX = 5 + 4 * 2 ** 6 + 1 * 2 ** 24;

/** The portal of a running statement: offset of its status (PG 17 on 32 bits), and what that says (portal.h). */
const PORTAL_STATUS = 80;
const PORTAL_ACTIVE = 3;
const PORTAL_FAILED = 5;

/**
 * Where Postgres itself refuses to recurse (54001), in the terms of `max_stack_depth`. Less than its usual 2 MB, because
 * WebAssembly's calls take V8's stack too, which is out first otherwise.
 */
export const MAX_STACK_DEPTH = '300kB';

/**
 * Turns an overflow of V8's stack inside Postgres into Postgres' own error for it. PGlite drops such an exception, after
 * which the statement gives no rows, the next ones fail, and the database is lost: a JSON text of 14 kB does it.
 * Upstream: `execProtocolRawSync` handles no exception but the one that stands for `longjmp`.
 */
export function guardStack(pglite: PGlite): void {
  const postgres = pglite.Module as unknown as PostgresModule; // true of the build that package.json pins; a test overflows it
  const message = postgres.stringToNewUTF8('stack depth limit exceeded');
  const unnamed = postgres.stringToNewUTF8('');
  const loopOnce = postgres._PostgresMainLoopOnce.bind(postgres);
  postgres._PostgresMainLoopOnce = () => {
    const stack = postgres.stackSave();
    const handler = postgres.getValue(postgres._PG_exception_stack, 'i32');
    try {
      loopOnce();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // The frames that nested handlers and error contexts point to are gone.
      postgres.stackRestore(stack);
      postgres.setValue(postgres._PG_exception_stack, handler, 'i32');
      postgres.setValue(postgres._error_context_stack, 0, 'i32');
      markFailed(postgres, postgres._SPI_cursor_find(unnamed));
      // Those of `begin … exception` blocks, which nobody would end.
      while (postgres._GetCurrentTransactionNestLevel() > 1) postgres._RollbackAndReleaseCurrentSubTransaction();
      postgres._errstart(ERROR, 0);
      postgres._errcode(STATEMENT_TOO_COMPLEX);
      postgres._errmsg_internal(message, 0);
      postgres._errfinish(0, 0, 0);
    }
  };
}

/** What Postgres' own handlers do to the portal of a statement that fails; an active one would never be dropped. */
function markFailed(postgres: PostgresModule, portal: number): void {
  if (portal === 0 || postgres.getValue(portal + PORTAL_STATUS, 'i32') !== PORTAL_ACTIVE) return;
  postgres.setValue(portal + PORTAL_STATUS, PORTAL_FAILED, 'i32');
}
