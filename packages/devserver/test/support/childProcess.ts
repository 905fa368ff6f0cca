import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/** A TypeScript file of this package running in a process of its own, ended with the test. */
export interface Child {
  pid: number;
  /** Lines written so far, by stream. */
  stdout: string[];
  stderr: string[];
  /** The first line of standard output, from now or before, that matches. Rejects when the process ends without. */
  line(pattern: RegExp): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** Exit code and everything written, once it ended. */
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

export function runTypeScript(file: string, args: string[], cwd: string = PACKAGE): Child {
  const tsx = fileURLToPath(import.meta.resolve('tsx'));
  const child = spawn(process.execPath, ['--import', tsx, '--conditions', '@ruwad/source', `${PACKAGE}/${file}`, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    // As a person runs it: consola is quiet in tests.
    env: { ...process.env, NODE_ENV: 'development', TEST: '', VITEST: '', CI: '' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return watch(child);
}

function watch(child: ChildProcess): Child {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const onLine = new Set<(line: string) => void>();
  if (child.stdout === null || child.stderr === null || child.pid === undefined) throw new Error('the process did not start');
  createInterface(child.stdout).on('line', (line) => {
    stdout.push(line);
    for (const listener of onLine) listener(line);
  });
  createInterface(child.stderr).on('line', (line) => stderr.push(line));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout: stdout.join('\n'), stderr: stderr.join('\n') }));
  return {
    pid: child.pid,
    stdout,
    stderr,
    ended,
    kill: (signal) => void child.kill(signal),
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const listener = (line: string) => pattern.test(line) && resolve(line);
        stdout.forEach(listener);
        onLine.add(listener);
        void ended.then(({ code, stderr: text }) => reject(new Error(`the process ended with ${code} before a line like ${String(pattern)}: ${text}`)));
      }),
  };
}
