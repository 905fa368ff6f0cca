import { asRecord } from '../lib/asRecord.ts';
import type { SchemaIssue } from '../lib/standardSchema.ts';
import { textOf } from '../lib/textOf.ts';
import { redact } from '../pipeline/redact.ts';
import { readPart, readRow } from './readRow.ts';
import { validateRow } from './wireRow.ts';
import type { ChannelDefinition, TableDefinition } from './defineChannel.ts';
import type { Change, ChangeType, InvalidPayload } from './types.ts';

/** A payload that was not passed on, but for the channel's topic. */
export type Invalid = Omit<InvalidPayload, 'channel'>;
/** What a payload turned out to be. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly invalid: Invalid };

const DEFAULT_KEY: readonly string[] = ['id'];

/** Primary key columns of a table. */
export function keyColumns({ key = DEFAULT_KEY }: Pick<TableDefinition, 'key'>): readonly string[] {
  return key;
}

/** The primary key of a row as text, or null when a part of it is missing. */
export function keyOf(row: Readonly<Record<string, unknown>>, columns: readonly string[]): string | null {
  if (columns.length === 1) return keyPart(row[columns[0] as string]); // there is one
  const parts = columns.map((column) => keyPart(row[column]));
  return parts.includes(null) ? null : JSON.stringify(parts);
}

function keyPart(value: unknown): string | null {
  if (typeof value === 'string') return value;
  // Past 2^53 the text of a number does not have all the digits it stands for.
  if (typeof value === 'number' && Number.isInteger(value)) return String(Number.isSafeInteger(value) ? value : BigInt(value));
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : null;
}

/**
 * Turns the payload of a `postgres_changes` message into a change. INSERT and UPDATE must satisfy the row schema; a DELETE
 * must carry the primary key, all that the server sends of it. Rows the server could not send whole are not passed on, nor
 * are numbers that lost digits on their way.
 */
export function parseChange(payload: unknown, definition: ChannelDefinition): Parsed<Change<unknown>> {
  const data = asRecord(asRecord(payload)['data']);
  const { type, table, errors } = data;
  if (!isChangeType(type) || typeof table !== 'string') return refuse(payload, null, 'malformed', [{ message: 'not a change: type or table is missing' }]);
  const known = Object.hasOwn(definition.tables, table) ? definition.tables[table] : undefined;
  if (known === undefined) return refuse(data, null, 'unknown-event', [{ message: 'the definition has no such table' }]);
  const refused = Array.isArray(errors) && errors.length > 0 ? refuse(data, known, 'server-error', errors.map((message) => ({ message: textOf(message) }))) : null;
  // Of a deleted row the key is enough, however much of the rest is missing.
  return type === 'DELETE' ? parseDelete(data, known, refused) : (refused ?? parseRow(data, type, known));
}

type Data = Readonly<Record<string, unknown>>;

function parseDelete(data: Data, table: TableDefinition, refused: Parsed<never> | null): Parsed<Change<unknown>> {
  const { row: old, inexact } = readPart(asRecord(data['old_record']), data['columns'], table.exact);
  const columns = keyColumns(table);
  const key = keyOf(old, columns);
  if (key !== null) return { ok: true, value: { type: 'DELETE', schema: textOf(data['schema']), table: textOf(data['table']), key, commitTimestamp: commitOf(data), old } };
  if (refused !== null) return refused;
  if (columns.some((column) => inexact.includes(column))) return refuse(data, table, 'inexact', inexactIssues(inexact));
  return refuse(data, table, 'malformed', [{ message: 'the deleted row has no primary key', path: columns }]);
}

function parseRow(data: Data, type: 'INSERT' | 'UPDATE', table: TableDefinition): Parsed<Change<unknown>> {
  const { row, absent, inexact } = readRow(asRecord(data['record']), data['columns'], table.exact);
  if (absent.length > 0) return refuse(data, table, 'incomplete', absent.map((name) => ({ message: 'left out by the server', path: [name] })));
  if (inexact.length > 0) return refuse(data, table, 'inexact', inexactIssues(inexact));
  const key = keyOf(row, keyColumns(table));
  if (key === null) return refuse(data, table, 'malformed', [{ message: 'the row has no primary key', path: keyColumns(table) }]);
  const checked = validateRow(table.row, row);
  if (!checked.ok) return refuse(data, table, 'schema', checked.issues);
  const [schema, name, commitTimestamp] = [textOf(data['schema']), textOf(data['table']), commitOf(data)];
  if (type === 'INSERT') return { ok: true, value: { type, schema, table: name, key, commitTimestamp, row: checked.value } };
  return { ok: true, value: { type, schema, table: name, key, commitTimestamp, row: checked.value, old: readPart(asRecord(data['old_record']), data['columns'], table.exact).row } };
}

function commitOf({ commit_timestamp: committed }: Data): string | null {
  return typeof committed === 'string' ? committed : null;
}

function refuse(sample: unknown, table: TableDefinition | null, reason: Invalid['reason'], issues: readonly SchemaIssue[]): Parsed<never> {
  const data = asRecord(sample);
  const name = typeof data['table'] === 'string' ? data['table'] : null;
  return {
    ok: false,
    invalid: { kind: 'change', event: `${textOf(data['type'])} ${name ?? '?'}`, table: name, key: table === null ? null : knownKey(data, table), reason, issues, sample: redact(sample) },
  };
}

/** The key of the row that a refused payload is about, if it can be told. */
function knownKey(data: Data, table: TableDefinition): string | null {
  const sent = asRecord(data['type'] === 'DELETE' ? data['old_record'] : data['record']);
  return keyOf(readPart(sent, data['columns'], table.exact).row, keyColumns(table));
}

/** What to tell about columns whose numbers lost digits. */
export function inexactIssues(columns: readonly string[]): SchemaIssue[] {
  return columns.map((column) => ({ message: 'more digits than a number holds: name the column in `exact`, and give supabase-js `decode: decodeFrame`', path: [column] }));
}

function isChangeType(type: unknown): type is ChangeType {
  return type === 'INSERT' || type === 'UPDATE' || type === 'DELETE';
}
