#!/usr/bin/env node
// Every error code of the SDK has a heading in docs/errors.md that says the same of retries, and no heading names another code.
import { readFileSync } from 'node:fs';

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const codes = new Map([...read('packages/core/src/errors.ts').matchAll(/^ {2}'([a-z-]+\/[a-z-]+)': (true|false),$/gm)].map(([, code, retries]) => [code, retries === 'true' ? 'yes' : 'no']));
const headings = new Map([...read('docs/errors.md').matchAll(/^### `([^`]+)`\nRetries: (yes|no)\./gm)].map(([, code, retries]) => [code, retries]));

const problems = [
  ...(codes.size === 0 ? ['found no codes in packages/core/src/errors.ts'] : []),
  ...[...codes].filter(([code, retries]) => headings.get(code) !== retries).map(([code, retries]) => `docs/errors.md needs "### \`${code}\`" followed by "Retries: ${retries}."`),
  ...[...headings.keys()].filter((code) => !codes.has(code)).map((code) => `docs/errors.md explains ${code}, which is no code of the SDK`),
];
for (const problem of problems) console.error(problem);
if (problems.length === 0) console.log(`docs/errors.md explains all ${codes.size} codes`);
process.exitCode = problems.length === 0 ? 0 : 1;
