import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as core from '../src/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Files and packages that a source file imports at run time, directly or not. */
function importsOf(entry: string): Set<string> {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    const statements = read(path).matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm);
    for (const [, specifier = ''] of statements) {
      if (specifier.startsWith('.')) visit(relative(root, join(root, dirname(path), specifier)));
      else found.add(specifier);
    }
  };
  visit(entry);
  return found;
}

test('the engine entry pulls in neither zod nor the schemas of the platform', () => {
  const imports = [...importsOf('src/index.ts')];
  expect(imports.filter((path) => path.includes('zod') || path.includes('ruwad/'))).toEqual([]);
  expect(imports).toContain('src/wire/supabaseWire.ts');
  expect(imports.filter((path) => !path.startsWith('src/'))).toEqual(['rxjs']);
  expect([...importsOf('src/ruwad/index.ts')]).toContain('zod/mini');
});

test('the quick start in the README is the one that is compiled', () => {
  const [, code] = /```ts\n([^]*?)```/.exec(read('README.md')) ?? [];
  expect(code).toBe(read('test/quickStart.test-d.ts'));
});

test('every error code is an area and a reason, and says whether trying again can help', () => {
  for (const code of core.ERROR_CODES) {
    expect(code).toMatch(/^[a-z]+\/[a-z-]+$/);
    expect(new core.RealtimeError(code, 'x')).toMatchObject({ name: 'RealtimeError', message: `[${code}] x` });
    expect(typeof new core.RealtimeError(code, 'x').retryable).toBe('boolean');
  }
  expect([...core.ERROR_CODES].sort()).toEqual(core.ERROR_CODES);
});
