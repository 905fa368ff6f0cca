import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { dim, duration, say } from './console.mjs';
import { ROOT, capture, run } from './processes.mjs';

const NODE_FLOOR = [20, 19];
const STAMP = join(ROOT, 'node_modules', '.ruwad-installed');
const WORKSPACE_FOLDERS = ['packages', 'apps', 'tooling'];

/**
 * Makes the workspace ready: Node is new enough, the pinned pnpm is on the PATH of this process and
 * of its children, and what the lockfile names is installed.
 *
 * Nothing is installed globally: pnpm comes from npm's own package cache.
 */
export async function bootstrap() {
  checkNode();
  process.env.PATH = [join(ROOT, 'node_modules', '.bin'), await pnpmFolder(), process.env.PATH].join(delimiter);
  process.env.TURBO_TELEMETRY_DISABLED ??= '1';
  await install();
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantMajor, wantMinor] = NODE_FLOOR;
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return;
  throw new Error(`Node ${process.versions.node} is too old: this project needs Node ${NODE_FLOOR.join('.')} or newer (https://nodejs.org).`);
}

/** The folder of the pnpm that package.json pins, downloaded by npm when its cache has none. */
async function pnpmFolder() {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const script = 'console.log(process.env.PATH)';
  const path = await capture('npm', ['exec', '--yes', `--package=${packageManager}`, '--', 'node', '-e', quoted(script)]);
  const folder = path.trim().split(delimiter).find((entry) => entry.includes('_npx') && existsSync(join(entry, 'pnpm')));
  if (!folder) throw new Error(`npm could not provide ${packageManager}; check that npm reaches its registry (npm ping).`);
  return folder;
}

async function install() {
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  say(`installing dependencies ${dim('(from pnpm-lock.yaml)')}`);
  const began = Date.now();
  const code = await run('pnpm', ['install', '--frozen-lockfile']);
  if (code !== 0) throw new Error('pnpm install failed; its output above says why.');
  writeFileSync(STAMP, wanted);
  say(`installed in ${duration(Date.now() - began)}`);
}

/** A hash of every file that decides what an install puts on the disk. */
function fingerprint() {
  const manifests = WORKSPACE_FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .map((name) => join(folder, name, 'package.json'))
      .filter((file) => existsSync(join(ROOT, file))),
  );
  const hash = createHash('sha256').update(process.versions.modules);
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    hash.update(file).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

/** npm exec hands its arguments to a shell on Windows only. */
function quoted(script) {
  return process.platform === 'win32' ? `"${script}"` : script;
}
