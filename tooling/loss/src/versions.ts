import { readFileSync } from 'node:fs';
import type { Subject } from './subject.ts';

/** The packages that were compared, with the versions that this package pins; those of this repository have none. */
export function versionsOf(subjects: readonly Subject[]): string {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { dependencies: Record<string, string> }; // our own manifest
  const names = new Set(['@supabase/supabase-js', ...subjects.flatMap(({ packages }) => packages)]);
  return [...names].map((name) => `${name} ${dependencies[name]?.replace('workspace:*', '(this repository)') ?? ''}`).join(', ');
}
