import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createTestBackend } from '../../src/testing/index.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

it('the example in the README is the test beside this one', () => {
  const [, code] = /## Test your own app with it\n\n```ts\n([^]*?)```/.exec(read('../../README.md')) ?? [];
  expect(code).toBe(read('./example.test.ts'));
});

it('the table of the README names all that a backend has', async () => {
  await using backend = await createTestBackend();
  const [, table = ''] = /\| of a backend [^\n]*\n([^]*?)\n\n/.exec(read('../../README.md')) ?? [];
  const named = [...table.matchAll(/`+ ?(\w+)/g)].map(([, name]) => name);
  expect(Object.keys(backend).filter((name) => !named.includes(name))).toEqual([]);
});
