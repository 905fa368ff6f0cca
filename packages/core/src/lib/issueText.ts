import type { SchemaIssue } from './standardSchema.ts';

/** The first issue as text, with its place in the value: `rows.1.id: Invalid UUID`. */
export function issueText([issue]: readonly SchemaIssue[]): string {
  const path = (issue?.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  const message = issue?.message ?? 'it is not valid';
  return path === '' ? message : `${path}: ${message}`;
}
