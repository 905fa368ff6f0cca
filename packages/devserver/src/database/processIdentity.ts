import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { hasNodeCode } from '../errors.ts';

/** Names one process among all that may open a folder, those of other containers and machines included. */
export interface ProcessIdentity {
  pid: number;
  /** Start of the process as the system counts it, to tell a reused pid; `null` where the system does not say. */
  processStart: string | null;
  /** Where the pid counts: on Linux one boot and pid namespace, elsewhere a host; `null`, of an earlier version: here. */
  machine: string | null;
  /** Name of the host, for people. */
  host: string | null;
}

/** The identity of this process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, processStart: await processStart(process.pid), machine: await machine(), host: hostname() };
}

/** Whether the process still runs; `null` when it belongs to another machine or container, where nobody here can look. */
export async function isRunning({ pid, processStart: recorded, machine: where }: Omit<ProcessIdentity, 'host'>): Promise<boolean | null> {
  if (where !== null && where !== (await machine())) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process is there and somebody else's.
    if (!hasNodeCode(error, 'EPERM')) return false;
  }
  const current = await processStart(pid);
  return recorded === null || current === null || recorded === current;
}

async function machine(): Promise<string> {
  const parts = await Promise.all([readFile('/proc/sys/kernel/random/boot_id', 'utf8'), readlink('/proc/self/ns/pid')]).catch(() => [hostname()]);
  return parts.map((part) => part.trim()).join(' ');
}

/** Clock ticks from boot to the start of a process: field 22 of Linux's stat, counted behind the name in parentheses. */
async function processStart(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}
