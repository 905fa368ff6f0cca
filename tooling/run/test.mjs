import { parseArgs } from 'node:util';
import { bold, duration, green, red, say } from './console.mjs';
import { findOrInstallChromium } from '../chromium.mjs';
import { run } from './processes.mjs';

/** What `npm test` runs, in order: the quick checks first. */
const STEPS = [
  { name: 'lint', what: 'code style, zero warnings', command: ['eslint', '.', '--max-warnings', '0'] },
  { name: 'types', what: 'TypeScript, type tests included', command: ['turbo', 'run', 'types', 'types:root', '--output-logs=errors-only'] },
  { name: 'layers', what: 'imports point down the floors of ARCHITECTURE.md', command: ['pnpm', 'layers'] },
  { name: 'unused', what: 'no unused file, export or dependency', command: ['knip'] },
  { name: 'errors', what: 'docs/errors.md explains every error code', command: ['node', 'tooling/checkErrorDocs.mjs'] },
  { name: 'guarantees', what: 'docs/guarantees.md lists the tests of every promise', command: ['node', 'tooling/checkGuarantees.mjs'] },
  { name: 'packages', what: 'builds, and what npm would publish', command: ['pnpm', 'run', 'packages'] },
  { name: 'unit', what: 'unit and integration tests over real sockets and real Postgres', command: ['vitest', 'run', '--project', '!demo'] },
  { name: 'conformance', what: 'the dev server against recordings of the real Supabase Realtime', command: ['pnpm', 'conformance'] },
  { name: 'browser', what: 'the demo in a real browser', command: ['vitest', 'run', '--project', 'demo'], before: browser },
];

const HELP = `npm test [-- step …]   runs every step, or only the named ones:
${STEPS.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`).join('\n')}`;

/** Runs the steps one after another, all of them even when one fails, and sums up. */
export async function test(args, bootstrap) {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) return console.log(HELP), 0;
  const steps = select(positionals);
  await bootstrap();
  const results = [];
  for (const step of steps) results.push(await runStep(step));
  return summary(results);
}

function select(names) {
  const unknown = names.find((name) => !STEPS.some((step) => step.name === name));
  if (unknown) throw new Error(`no step is named "${unknown}"\n${HELP}`);
  return names.length ? STEPS.filter(({ name }) => names.includes(name)) : STEPS;
}

async function runStep({ name, what, command: [command, ...args], before }) {
  console.log();
  say(`${bold(name)}: ${what}`);
  const began = Date.now();
  const passed = await attempt(async () => {
    await before?.();
    return (await run(command, args)) === 0;
  });
  return { name, passed, ms: Date.now() - began };
}

async function attempt(body) {
  try {
    return await body();
  } catch (error) {
    console.error(red(error.message));
    return false;
  }
}

async function browser() {
  process.env.CHROMIUM_PATH = await findOrInstallChromium();
}

function summary(results) {
  console.log();
  for (const { name, passed, ms } of results) {
    console.log(`  ${passed ? green('✓') : red('✗')} ${name.padEnd(12)} ${duration(ms)}`);
  }
  const failed = results.filter(({ passed }) => !passed).length;
  console.log(`\nsteps: ${results.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
