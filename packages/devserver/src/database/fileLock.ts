import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hasNodeCode } from '../errors.ts';
import { isRunning, ownIdentity, type ProcessIdentity } from './processIdentity.ts';

/** Who holds a lock. */
interface LockHolder extends ProcessIdentity {
  /** When the lock was taken, ISO 8601. */
  since: string;
}

export type LockAttempt = { held: true; release: () => Promise<void> } | { held: false; holder: LockHolder };

/** How often a holder touches its file: the only sign of life that other machines and containers see. */
const BEAT_MS = 5_000;
/** A file of another machine that was not touched for this long has no holder; a long statement holds the beat up. */
const ABANDONED_MS = 60_000;

/** Locks that this process holds or is about to take. */
const ours = new Set<Lock>();

interface Lock {
  path: string;
  /** Unlike that of any other lock, so that one can be told from another at the same path. */
  content: string;
  /** Where the content is written before it appears at the path. */
  draft: string;
}

/**
 * Tries to take a lock that is a file. The file of a process that is gone is taken over; there is no waiting.
 * The lock ends with `release`, or with the process.
 */
export async function tryLock(path: string): Promise<LockAttempt> {
  const id = randomUUID();
  const lock = { path, content: JSON.stringify({ ...(await ownIdentity()), since: new Date().toISOString(), id }), draft: `${path}.${id}` };
  if (ours.size === 0) process.once('exit', removeOurs);
  ours.add(lock);
  const holder = await takeOrFindHolder(lock).catch((error: unknown) => {
    forget(lock);
    throw error;
  });
  if (holder === null) return { held: true, release: keepAlive(lock) };
  forget(lock);
  return { held: false, holder };
}

/** `null` when the lock was taken. */
async function takeOrFindHolder(lock: Lock): Promise<LockHolder | null> {
  for (;;) {
    if (await createWhole(lock)) return null;
    const found = await readText(lock.path);
    if (found === null) continue;
    const holder = parseHolder(found);
    if (holder !== null && (await isAlive(lock.path, holder))) return holder;
    if (await replaceStale(lock, found)) return null;
  }
}

/** A link appears whole or not at all, so that nobody reads half a lock. */
async function createWhole({ path, content, draft }: Lock): Promise<boolean> {
  await writeFile(draft, content);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (hasNodeCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Takes over a stale lock. The right to do so is a lock itself, named after the stale content: whoever comes late finds
 * another content, so that a fresh lock is never taken for the stale one.
 */
async function replaceStale({ path, content, draft }: Lock, stale: string): Promise<boolean> {
  const takeover = await tryLock(`${path}.${createHash('sha256').update(stale).digest('hex').slice(0, 16)}`);
  if (!takeover.held) return false;
  try {
    if ((await readText(path)) !== stale) return false;
    await writeFile(draft, content);
    await rename(draft, path);
    return true;
  } finally {
    await takeover.release();
  }
}

/** Shows other machines that the lock has a holder; returns what gives it back. */
function keepAlive(lock: Lock): () => Promise<void> {
  const { path, content } = lock;
  const beat = setInterval(() => {
    const now = new Date();
    // A file that is gone, or a folder that became read-only, is found out elsewhere.
    void utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS);
  beat.unref();
  return async () => {
    clearInterval(beat);
    // Somebody may have deleted it by hand, and another process have taken it.
    if ((await readText(path)) === content) await rm(path, { force: true });
    forget(lock);
  };
}

function forget(lock: Lock): void {
  if (ours.delete(lock) && ours.size === 0) process.off('exit', removeOurs);
}

/** A process that exits in the middle of a start leaves no lock behind. */
function removeOurs(): void {
  for (const { path, content, draft } of ours) {
    try {
      rmSync(draft, { force: true });
      if (readFileSync(path, 'utf8') === content) rmSync(path);
    } catch {
      // The next process finds out that the holder is gone.
    }
  }
}

async function isAlive(path: string, holder: LockHolder): Promise<boolean> {
  const running = await isRunning(holder);
  if (running !== null) return running;
  const touched = await stat(path).then(({ mtimeMs }) => mtimeMs, () => 0);
  return Date.now() - touched < ABANDONED_MS;
}

function parseHolder(content: string): LockHolder | null {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value !== 'object' || value === null) return null;
    const { pid, since, processStart, machine, host } = value as Partial<Record<keyof LockHolder, unknown>>; // true: each is checked below
    if (typeof pid !== 'number' || pid <= 0 || typeof since !== 'string') return null;
    return { pid, since, processStart: textOrNull(processStart), machine: textOrNull(machine), host: textOrNull(host) };
  } catch {
    return null;
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasNodeCode(error, 'ENOENT')) return null;
    throw error;
  }
}
