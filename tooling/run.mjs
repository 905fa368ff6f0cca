#!/usr/bin/env node
// `npm start` and `npm test` on a machine that has only Node and npm.
// Depends on nothing but Node, because it runs before anything is installed.
import { bootstrap } from './run/bootstrap.mjs';
import { fail } from './run/console.mjs';
import { start } from './run/start.mjs';
import { test } from './run/test.mjs';

const COMMANDS = { start, test };
const [name, ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (!command) fail(`usage: node tooling/run.mjs <${Object.keys(COMMANDS).join('|')}> [options]`, 2);

try {
  process.exitCode = await command(args, bootstrap);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
