import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

// npm and the commands in node_modules/.bin are .cmd files on Windows, which need a shell.
const shell = process.platform === 'win32';

/** Starts a command at the root of the repository; the caller owns its end. */
export function launch(command, args, options = {}) {
  return spawn(command, args, { cwd: ROOT, stdio: 'inherit', shell, ...options });
}

/** Runs a command to its end; gives its exit code. */
export function run(command, args, options) {
  return ended(launch(command, args, options));
}

/** Runs a command and gives what it printed; throws with its error output when it fails. */
export async function capture(command, args, options = {}) {
  const child = launch(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const code = await ended(child);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${err || out}`);
  return out;
}

/** The exit code of a child, once it has ended; 128 + n when signal n ended it, as shells say it. */
export function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}
