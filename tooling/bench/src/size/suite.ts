import { build, type Plugin } from 'esbuild';
import { brotliCompressSync, constants } from 'node:zlib';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { limitLine, type Line } from '../report.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
/** What every app has anyway, or installs beside: it is counted in `stack` alone. */
const PEERS = ['rxjs', 'zod', 'zod/*', '@supabase/*', 'react', 'vue'];
const CLIENT = `export { createRealtimeClient, defineChannel } from '@ruwad/realtime-core'`;
const OUTBOX = `export { outbox, defineAction } from '@ruwad/realtime-core'`;
/** So many files are named, the largest first. */
const LARGEST = 15;

interface Bundle {
  readonly kB: number;
  /** Bytes of each source file, minified. */
  readonly files: ReadonlyMap<string, number>;
}

/** Goal G7: what apps load, minified by esbuild and compressed by brotli. */
export function size(): Promise<{ cases: Record<string, () => Promise<Line[]>>; close: () => Promise<void> }> {
  return Promise.resolve({ cases: { core, bindings, stack }, close: () => Promise.resolve() });
}

/** The client and its parts; a part weighs what the client weighs less without it. */
async function core(): Promise<Line[]> {
  const whole = await bundle(CLIENT);
  const engine = await bundle(CLIENT, PEERS, [without(/\/src\/live\//)]);
  const queue = await bundle(`${CLIENT}; ${OUTBOX}`);
  const everything = await bundle(`export * from '@ruwad/realtime-core'`);
  console.log([...whole.files].sort(([, a], [, b]) => b - a).slice(0, LARGEST).map(([file, bytes]) => `${String(bytes).padStart(8)} B  ${file}`).join('\n'));
  return [
    line('engine: client, connection, channels', engine.kB, 8),
    line('live queries, as a part', whole.kB - engine.kB, 4),
    line('both', whole.kB, null),
    line('outbox, as a part', queue.kB - whole.kB, 4),
    line('every export of the core', everything.kB, null),
  ];
}

async function bindings(): Promise<Line[]> {
  const of = (name: string): Promise<Bundle> => bundle(`export * from '@ruwad/realtime-${name}'`, [...PEERS, '@ruwad/realtime-core', '@ruwad/realtime-core/*']);
  return [line('React binding', (await of('react')).kB, 2), line('Vue binding', (await of('vue')).kB, 2)];
}

async function stack(): Promise<Line[]> {
  const row = `z.object({ id: z.uuid(), title: z.string(), priority: z.int(), made: z.iso.datetime(), note: z.nullable(z.string()) })`;
  const app = `${CLIENT}; export { RealtimeClient } from '@supabase/realtime-js'; import * as z from 'zod/mini'; export const row = ${row}`;
  return [line('SDK with rxjs, zod/mini and realtime-js', (await bundle(app, [])).kB, 36)];
}

function line(what: string, kB: number, atMost: number | null): Line {
  const subject = { goal: 'G7', what, unit: 'kB' };
  const pairs = [{ ours: kB, floor: atMost ?? kB }];
  return limitLine(subject, pairs, atMost === null ? null : { atMost });
}

async function bundle(contents: string, external = PEERS, plugins: Plugin[] = []): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: HERE, loader: 'ts' },
    bundle: true, minify: true, write: false, metafile: true, outdir: 'out', format: 'esm', platform: 'browser', target: 'es2022', legalComments: 'none',
    conditions: ['@ruwad/source'], external, plugins, define: { 'process.env.NODE_ENV': '"production"' },
  });
  const files = new Map<string, number>();
  for (const { inputs } of Object.values(metafile.outputs)) for (const [path, { bytesInOutput }] of Object.entries(inputs)) files.set(path.replace(/^(?:\.\.\/)+/, ''), bytesInOutput);
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  return { kB: brotliCompressSync(code, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length / 1_000, files };
}

/** Leaves files out; a few bytes of imports remain. */
function without(files: RegExp): Plugin {
  return {
    name: 'without',
    setup(bundler) {
      bundler.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => (files.test(new URL(path, `file://${resolveDir}/`).pathname) ? { path, external: true } : null));
    },
  };
}
