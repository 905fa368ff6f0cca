import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contest } from '../measure.ts';
import { costLine, type Line } from '../report.ts';
import type { Workshop } from './workshop.ts';

const ROUNDS = 5;

/**
 * CPU time until a server with the benchmark's schema answers, each start in a process of its own, modules loaded:
 * `startDevServer` in memory from its cached image, and `PGlite.create` from an image of an empty bare database.
 */
export async function start({ pglite }: Workshop): Promise<Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ruwad-bench-'));
  const image = join(folder, 'bare.tar');
  await writeFile(image, new Uint8Array(await (await pglite.dumpDataDir('none')).arrayBuffer()));
  try {
    const pairs = await contest({ ours: () => startIn('ours', image), floor: () => startIn('floor', image), rounds: ROUNDS });
    return [costLine({ goal: 'G9', what: 'start from a prebuilt data directory', unit: 'ms CPU' }, pairs, 1.5)];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function startIn(side: 'ours' | 'floor', image: string): Promise<number> {
  const child = fork(fileURLToPath(new URL('./startProcess.ts', import.meta.url)), [side, image]);
  const [cpuMs] = (await once(child, 'message')) as [number];
  await once(child, 'exit');
  return cpuMs;
}
