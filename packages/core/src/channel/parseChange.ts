import type { StandardSchema } from '../lib/standardSchema.ts';
import { redact } from '../pipeline/redact.ts';
import { validate } from '../pipeline/validate.ts';
import type { ChannelDefinition, TableDefinition } from './defineChannel.ts';
import type { Change, ChangeType, InvalidPayload } from './types.ts';

/** A payload that was not passed on, but for the channel's topic. */
export type Invalid = Omit<InvalidPayload, 'channel'>;
/** What a payload turned out to be. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly invalid: Invalid };

const TYPES: ReadonlySet<unknown> = new Set<ChangeType>(['INSERT', 'UPDATE', 'DELETE']);

/** Primary key columns of a table. */
export function keyColumns({ key = ['id'] }: Pick<TableDefinition, 'key'>): readonly string[] {
  return key;
}

/** The primary key of a row as text, or null when a part of it is missing. */
export function keyOf(row: Readonly<Record<string, unknown>>, columns: readonly string[]): string | null {
  const parts = columns.map((column) => row[column]);
  if (parts.some((part) => typeof part !== 'string' && typeof part !== 'number' && typeof part !== 'boolean')) return null;
  return parts.length === 1 ? String(parts[0]) : JSON.stringify(parts.map(String));
}

/**
 * Turns the payload of a `postgres_changes` message into a change. INSERT and UPDATE must satisfy the row schema; a DELETE
 * must carry the primary key, all that the server sends of it. Rows the server could not send whole are not passed on.
 */
export function parseChange(payload: unknown, definition: ChannelDefinition): Parsed<Change<unknown>> {
  const data = member(payload, 'data');
  const { type, table, schema, commit_timestamp: committed, errors } = data;
  const name = typeof table === 'string' ? table : null;
  const refuse = (reason: Invalid['reason'], issues: Invalid['issues'], sample: unknown = data): Parsed<never> => ({
    ok: false,
    invalid: { kind: 'change', event: `${String(type)} ${name ?? '?'}`, table: name, reason, issues, sample: redact(sample) },
  });

  if (!TYPES.has(type) || name === null) return refuse('malformed', [{ message: 'not a change: type or table is missing' }], payload);
  const known: TableDefinition | undefined = Object.hasOwn(definition.tables, name) ? definition.tables[name] : undefined;
  if (known === undefined) return refuse('unknown-event', [{ message: 'the definition has no such table' }]);
  if (Array.isArray(errors) && errors.length > 0) return refuse('server-error', errors.map((message) => ({ message: String(message) })));

  const columns = keyColumns(known);
  const old = member(data, 'old_record');
  const base = { schema: String(schema), table: name, commitTimestamp: typeof committed === 'string' ? committed : null };
  if (type === 'DELETE') {
    const key = keyOf(old, columns);
    if (key === null) return refuse('malformed', [{ message: 'the deleted row has no primary key', path: columns }]);
    return { ok: true, value: { ...base, type, key, old } };
  }

  const record = member(data, 'record');
  const absent = columnNames(data['columns']).filter((column) => !Object.hasOwn(record, column));
  if (absent.length > 0) return refuse('incomplete', absent.map((column) => ({ message: 'left out by the server', path: [column] })));
  return parseRow(record, known.row, columns, refuse, (key, row) => (type === 'INSERT' ? { ...base, type, key, row } : { ...base, type: 'UPDATE', key, row, old }));
}

function parseRow(
  record: Readonly<Record<string, unknown>>,
  schema: StandardSchema,
  columns: readonly string[],
  refuse: (reason: Invalid['reason'], issues: Invalid['issues']) => Parsed<never>,
  build: (key: string, row: unknown) => Change<unknown>,
): Parsed<Change<unknown>> {
  const key = keyOf(record, columns);
  if (key === null) return refuse('malformed', [{ message: 'the row has no primary key', path: columns }]);
  const checked = validate(schema, record);
  return checked.ok ? { ok: true, value: build(key, checked.value) } : refuse('schema', checked.issues);
}

function columnNames(columns: unknown): string[] {
  if (!Array.isArray(columns)) return [];
  return columns.flatMap((column: unknown) => {
    const { name } = asRecord(column);
    return typeof name === 'string' ? [name] : [];
  });
}

/** A member as an object; empty when it is none. */
function member(value: unknown, name: string): Record<string, unknown> {
  return asRecord(asRecord(value)[name]);
}

/** The value as an object; empty for anything else. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}; // an object has string keys
}
