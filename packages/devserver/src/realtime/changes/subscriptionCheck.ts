import { isPostgresError, type PostgresError, type Tx } from '../../database/database.ts';
import type { ParsedBinding } from './binding.ts';
import { inspect, Tuple } from './elixirInspect.ts';

/** Tables a binding covers, or the real server's text on why it cannot be subscribed. */
export type CheckResult = { ok: true; relids: number[] } | { ok: false; message: string };

/** Checks one binding against the publication, the tables' columns and the role's privileges. */
export async function checkBinding(db: Tx, binding: ParsedBinding, role: string): Promise<CheckResult> {
  const { schema, table, filters, select } = binding;
  try {
    const rows = await db.query<{ relid: number }>('select relid from realtime_changes.match_binding($1, $2, $3, $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[]) as relid', [
      schema,
      table,
      role,
      filters.map((filter) => filter.column),
      filters.map((filter) => filter.operator),
      filters.map((filter) => filter.value),
      filters.map((filter) => filter.negate),
      select,
    ]);
    if (rows.length > 0) return { ok: true, relids: rows.map(({ relid }) => relid) };
    return refused('Please check Realtime is enabled for the given connect parameters', binding);
  } catch (error) {
    if (!isPostgresError(error)) throw error;
    return refused('An exception happened so please check your connect parameters', binding, `. Exception: ${exceptionText(error)}`);
  }
}

/** The real server's text on a binding that the database failed on, rather than refused. */
export function failedText(binding: ParsedBinding, exception: string): string {
  return refusalText('An exception happened so please check your connect parameters', binding, `. Exception: ${exception}`);
}

function refused(reason: string, binding: ParsedBinding, exception = ''): CheckResult {
  return { ok: false, message: refusalText(reason, binding, exception) };
}

function refusalText(reason: string, { event, schema, table, filters, select }: ParsedBinding, exception: string): string {
  const shownFilters = inspect(filters.map(({ column, operator, value, negate }) => new Tuple([column, operator, value, negate])));
  const parameters = `event: ${event}, schema: ${schema}, table: ${table}, filters: ${shownFilters}, select: ${inspect(select)}`;
  return `Unable to subscribe to changes with given parameters. ${reason}: [${parameters}]${exception}`;
}

function exceptionText({ code, message }: PostgresError): string {
  return `ERROR ${code} (${CONDITION_NAMES[code] ?? code}) ${message}`;
}

/** Names of the conditions a subscription can meet (PostgreSQL documentation, appendix A). */
const CONDITION_NAMES: Readonly<Record<string, string>> = {
  '22001': 'string_data_right_truncation',
  '22003': 'numeric_value_out_of_range',
  '22007': 'invalid_datetime_format',
  '22008': 'datetime_field_overflow',
  '22021': 'character_not_in_repertoire',
  '22023': 'invalid_parameter_value',
  '22025': 'invalid_escape_sequence',
  '22P02': 'invalid_text_representation',
  '22P03': 'invalid_binary_representation',
  '2201B': 'invalid_regular_expression',
  '23514': 'check_violation',
  '42501': 'insufficient_privilege',
  '42704': 'undefined_object',
  '42804': 'datatype_mismatch',
  '42846': 'cannot_coerce',
  '42883': 'undefined_function',
  P0001: 'raise_exception',
};
