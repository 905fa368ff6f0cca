import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { hasNodeCode } from '../errors.ts';

/** Who holds a lock. */
interface LockHolder {
  pid: number;
  /** When the lock was taken, ISO 8601. */
  since: string;
  /** Start of the process as the system counts it, to tell a reused pid; `null` where the system does not say. */
  processStart: string | null;
}

export type LockAttempt = { held: true; release: () => Promise<void> } | { held: false; holder: LockHolder };

/**
 * Tries to take a lock that is a file. The file of a process that is gone is taken over; there is no waiting.
 * The lock ends with `release`, or with the process.
 */
export async function tryLock(path: string): Promise<LockAttempt> {
  const content = JSON.stringify({ pid: process.pid, since: new Date().toISOString(), processStart: await processStart(process.pid) } satisfies LockHolder);
  for (;;) {
    if (await createWhole(path, content)) return { held: true, release: () => rm(path, { force: true }) };
    const found = await readText(path);
    if (found === null) continue;
    const holder = parseHolder(found);
    if (holder !== null && (await isAlive(holder))) return { held: false, holder };
    await removeStale(path, found);
  }
}

/** A link appears whole or not at all, so that nobody reads half a lock. */
async function createWhole(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
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

/** Moves a stale lock away; when another process was faster and it is its fresh lock that moved, puts it back. */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await readText(aside)) !== stale) await link(aside, path);
  } catch (error) {
    if (!hasNodeCode(error, 'ENOENT') && !hasNodeCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function isAlive({ pid, processStart: recorded }: LockHolder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process is there and somebody else's.
    if (!hasNodeCode(error, 'EPERM')) return false;
  }
  const current = await processStart(pid);
  return recorded === null || current === null || recorded === current;
}

/** Clock ticks from boot to the start of a process: field 22 of Linux's stat, counted behind the name in parentheses. */
async function processStart(pid: number): Promise<string | null> {
  const stat = await readText(`/proc/${pid}/stat`).catch(() => null);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function parseHolder(text: string): LockHolder | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || typeof value.pid !== 'number' || value.pid <= 0) return null;
    const since = 'since' in value && typeof value.since === 'string' ? value.since : 'an unknown time';
    const start = 'processStart' in value && typeof value.processStart === 'string' ? value.processStart : null;
    return { pid: value.pid, since, processStart: start };
  } catch {
    return null;
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasNodeCode(error, 'ENOENT')) return null;
    throw error;
  }
}
