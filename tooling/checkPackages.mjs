#!/usr/bin/env node
// Checks every public package as npm would publish it: what package.json promises is in the files, with types that resolve.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));
let problems = 0;
for (const name of readdirSync(packages)) {
  const pkgDir = packages + name;
  const pkg = JSON.parse(readFileSync(`${pkgDir}/package.json`, 'utf8'));
  const { messages } = await publint({ pkgDir, strict: true, pack: 'npm' });
  for (const message of messages) {
    problems += 1;
    console.error(`${pkg.name}: ${message.type}: ${formatMessage(message, pkg)}`);
  }
  if (messages.length === 0) console.log(`${pkg.name} ${pkg.version}: publishable`);
}
process.exitCode = problems === 0 ? 0 : 1;
