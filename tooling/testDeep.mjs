#!/usr/bin/env node
// `pnpm test:deep [filter …]`: the tests that have a deep form – every file that asks `deep.ts` – with DEEP=1: soaks, and
// properties with many more runs. Set SOAK_SECONDS, SOAK_CLIENTS or SEED to change them.
import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ASKS = String.raw`/deep\.ts'`;

const filters = process.argv.slice(2);
const tests = execFileSync('git', ['grep', '--untracked', '-l', ASKS, '--', '*.test.ts', '*.test.tsx'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
const chosen = tests.filter((path) => filters.length === 0 || filters.some((filter) => path.includes(filter)));
if (chosen.length === 0) throw new Error(`no deep test is named like ${filters.join(', ')}; there are:\n${tests.join('\n')}`);

const child = spawn('vitest', ['run', '--no-file-parallelism', ...chosen], { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32', env: { ...process.env, DEEP: '1' } });
child.once('exit', (code) => (process.exitCode = code ?? 1));
