import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

/** Where installers put the browser without adding it to the PATH, by platform. */
const WELL_KNOWN = {
  linux: ['/usr/lib/chromium/chromium', '/opt/google/chrome/chrome', '/snap/bin/chromium'],
  darwin: ['Chromium', 'Google Chrome', 'Microsoft Edge', 'Brave Browser'].flatMap((app) =>
    ['/Applications', join(homedir(), 'Applications')].map((folder) => `${folder}/${app}.app/Contents/MacOS/${app}`)),
  win32: [process.env['PROGRAMFILES'], process.env['PROGRAMFILES(X86)'], process.env['LOCALAPPDATA']]
    .filter(Boolean)
    .flatMap((root) => ['Google\\Chrome\\Application\\chrome.exe', 'Chromium\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map((path) => join(root, path))),
};

const PLAYWRIGHT_CACHE = {
  linux: join(homedir(), '.cache', 'ms-playwright'),
  darwin: join(homedir(), 'Library', 'Caches', 'ms-playwright'),
  win32: join(process.env['LOCALAPPDATA'] ?? homedir(), 'ms-playwright'),
};

const PLAYWRIGHT_BINARIES = ['chrome-linux/chrome', 'chrome-linux64/chrome', 'chrome-mac/Chromium.app/Contents/MacOS/Chromium', 'chrome-win/chrome.exe', 'chrome-win64/chrome.exe'];

/**
 * Path of a Chromium-family browser on this machine, or null.
 * Order: the `CHROMIUM_PATH` variable, the PATH, well-known folders, Playwright's own cache.
 * @returns {string | null}
 * @throws {Error} if `CHROMIUM_PATH` is set but names nothing that can be run: a wrong wish is not silently replaced.
 */
export function findChromium() {
  const wished = process.env['CHROMIUM_PATH'];
  if (wished) {
    if (isBrowser(wished)) return wished;
    throw new Error(`CHROMIUM_PATH is ${wished}, which is not a browser that starts.`);
  }
  return [...onPath(), ...(WELL_KNOWN[process.platform] ?? []), ...inPlaywrightCache()].find(isBrowser) ?? null;
}

/**
 * Path of a Chromium-family browser; when there is none, installs one by the means of the platform and says what it does.
 * @param {{ log?: (line: string) => void }} [options] `log` receives progress lines; default: stderr.
 * @returns {string}
 * @throws {Error} naming what the reader can do, when no way of installing worked.
 */
export function findOrInstallChromium({ log = (line) => process.stderr.write(`${line}\n`) } = {}) {
  const found = findChromium();
  if (found) return found;
  for (const way of [installWithApt, installWithPlaywright]) {
    const failure = way(log);
    const installed = findChromium();
    if (installed) return installed;
    if (failure) log(`chromium: ${failure}`);
  }
  throw new Error('No Chromium was found and none could be installed. Install Chromium or Chrome yourself, or set CHROMIUM_PATH to the browser to use.');
}

function onPath() {
  const names = process.platform === 'win32' ? ['chrome.exe', 'chromium.exe', 'msedge.exe'] : NAMES;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/** Newest download first; headless shells are left out because they cannot show a window. */
function inPlaywrightCache() {
  const cache = process.env['PLAYWRIGHT_BROWSERS_PATH'] ?? PLAYWRIGHT_CACHE[process.platform] ?? '';
  if (!existsSync(cache)) return [];
  const revision = (folder) => Number(folder.split('-').at(-1));
  const folders = readdirSync(cache).filter((name) => /^chromium-\d+$/.test(name)).sort((a, b) => revision(b) - revision(a));
  return folders.flatMap((folder) => PLAYWRIGHT_BINARIES.map((binary) => join(cache, folder, binary)));
}

/** Ubuntu's `chromium-browser` is a script that only says where the real one could be had, so on Linux a candidate must also answer. */
function isBrowser(path) {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || spawnSync(path, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** @returns {string | null} why this way did not work, or null when it ran. */
function installWithApt(log) {
  if (process.platform !== 'linux' || !isDebianLike()) return null;
  const prefix = rootPrefix();
  if (!prefix) return 'apt-get needs root or passwordless sudo; trying the next way.';
  log('chromium: none found; installing the distribution\'s package with apt-get (about a minute).');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const [command, ...rest] = [...prefix, 'apt-get', '-qq', ...args];
    log(`chromium: ${[command, ...rest].join(' ')}`);
    const { status } = spawnSync(command, rest, { stdio: ['ignore', 'ignore', 'inherit'], env });
    if (status !== 0) return `apt-get ${args[0]} ended with code ${status}.`;
  }
  return null;
}

/** Ubuntu counts too: it has no such package, apt-get says so and the next way is taken. */
function isDebianLike() {
  try {
    return /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8')) && existsSync('/usr/bin/apt-get');
  } catch {
    return false;
  }
}

function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : null;
}

/** @returns {string | null} why this way did not work, or null when it ran. */
function installWithPlaywright(log) {
  const version = pinnedPlaywright();
  // The libraries the download needs come from apt-get, so they can only be asked for where that works.
  const withDeps = process.platform === 'linux' && isDebianLike() && rootPrefix() ? ['--with-deps'] : [];
  log(`chromium: downloading the build that playwright-core ${version} is made for.`);
  try {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    execFileSync(npm, ['exec', '--yes', `--package=playwright-core@${version}`, '--', 'playwright-core', 'install', '--no-shell', ...withDeps, 'chromium'], {
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    });
    return null;
  } catch (error) {
    return `the download failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The version the browser tests use, so that the browser and its driver are made for each other. */
function pinnedPlaywright() {
  const manifest = fileURLToPath(new URL('../apps/demo/package.json', import.meta.url));
  return JSON.parse(readFileSync(manifest, 'utf8')).devDependencies['playwright-core'];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    process.stdout.write(`${findOrInstallChromium()}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
