import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runTypeScript } from '../support/childProcess.ts';
import { deepRuns } from '../support/deep.ts';
import { devProject } from '../support/devProject.ts';
import { SessionClient } from '../support/sessionClient.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { Crowd } from './crowd.ts';
import { randomFrom } from './random.ts';

const SECONDS = Number(process.env['SOAK_SECONDS'] ?? deepRuns({ usual: 5, deep: 600 }));
const CLIENTS = Number(process.env['SOAK_CLIENTS'] ?? deepRuns({ usual: 50, deep: 1_000 }));
const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const STEP_MS = 100;
/** Samples before this share of the run are warming up: caches fill and code is compiled. */
const WARM_UP = 0.3;
const MAX_RSS_MB = 1_500;
/** What the heap may grow by in ten minutes, by the slope of its line. */
const MAX_GROWTH_MB = 60;

const root = temporaryFolder();
const project = devProject(join(root, 'supabase'));
project.migration('0001_events.sql', 'create table events (id bigint primary key); alter publication supabase_realtime add table events;');

interface Sample {
  heapMB: number;
  rssMB: number;
  rows: number;
}

describe(`a crowd of ${CLIENTS} for ${SECONDS} s (seed ${SEED})`, () => {
  it('X3: is served without a leak, in order, and every committed row arrives', { timeout: (SECONDS + 300) * 1_000 }, async () => {
    const child = runTypeScript('test/deep/soakServer.ts', [project.migrations]);
    const server = JSON.parse(await child.line(/^\{"url"/)) as { url: string; anonKey: string }; // true: the script prints it
    const crowd = new Crowd(server, randomFrom(SEED));
    await crowd.fill(CLIENTS);
    const witness = await SessionClient.open(server.url, server.anonKey, '2.0.0');
    const joinRef = await witness.join('realtime:witness', { broadcast: { self: true, ack: true }, postgres_changes: [{ event: 'INSERT', schema: 'public', table: 'events' }] });
    await witness.until(() => witness.of('system').length > 0);

    const delays: number[] = [];
    const rows: number[] = [];
    const end = performance.now() + SECONDS * 1_000;
    const beginning = samplesOf(child.stdout).length;
    while (performance.now() < end) {
      const began = performance.now();
      const ref = witness.push('realtime:witness', 'broadcast', { type: 'broadcast', event: 'tick', payload: {} }, joinRef);
      await Promise.all([crowd.step(), witness.until(() => witness.of('phx_reply').some((reply) => reply.ref === ref))]);
      delays.push(performance.now() - began);
      rows.push(...rowsOf(witness));
      if (delays.length % 200 === 0) witness.push('phoenix', 'heartbeat', {}, null);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, STEP_MS - (performance.now() - began))));
    }

    const present = crowd.present;
    crowd.disperse();
    const samples = samplesOf(child.stdout).slice(beginning);
    const lastRow = samples.at(-1)?.rows ?? 0;
    const isUpToDate = () => {
      rows.push(...rowsOf(witness));
      return (rows.at(-1) ?? 0) >= lastRow;
    };
    while (!isUpToDate()) await witness.until(() => witness.received.length > 0);
    witness.end();
    child.kill('SIGTERM');
    const { code, stderr } = await child.ended;

    const settled = samples.slice(Math.floor(samples.length * WARM_UP));
    const heapGrowth = slope(settled.map(({ heapMB }) => heapMB)) * 600;
    const rssGrowth = slope(settled.map(({ rssMB }) => rssMB)) * 600;
    const maxRss = Math.max(...samples.map(({ rssMB }) => rssMB));
    report({ clients: CLIENTS, seconds: SECONDS, seed: SEED, ...crowd.counts, rowsSeen: rows.length, stepP50Ms: quantile(delays, 0.5), stepP99Ms: quantile(delays, 0.99), heapMB: settled.at(-1)?.heapMB ?? 0, heapGrowthPer10Min: heapGrowth, maxRssMB: maxRss, rssGrowthPer10Min: rssGrowth });

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(present).toBe(CLIENTS);
    // Every row once, in the order of their commits.
    expect(rows.length).toBeGreaterThan(0);
    expect(rows).toEqual(Array.from({ length: rows.length }, (_, n) => (rows[0] ?? 0) + n));
    expect(maxRss).toBeLessThan(MAX_RSS_MB);
    // The line through a short run says little.
    if (SECONDS >= 120) expect(heapGrowth).toBeLessThan(MAX_GROWTH_MB);
  });
});

function samplesOf(lines: readonly string[]): Sample[] {
  return lines.filter((line) => line.startsWith('{"heapMB"')).map((line) => JSON.parse(line) as Sample); // true: the script prints it
}

/** Ids of the rows that arrived since the last call. */
function rowsOf(witness: SessionClient): number[] {
  const changes = witness.received.splice(0).filter(({ event }) => event === 'postgres_changes');
  return changes.map(({ payload }) => (payload['data'] as { record: { id: number } }).record.id); // true of an INSERT into events
}

/** Growth from one value to the next, by least squares. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const products = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0);
  return products / values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
}

function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0;
}

function report(facts: Record<string, number>): void {
  const width = Math.max(...Object.keys(facts).map((name) => name.length));
  process.stdout.write(`\n${Object.entries(facts).map(([name, value]) => `  ${name.padEnd(width)}  ${Number.isInteger(value) ? value : value.toFixed(1)}`).join('\n')}\n`);
}
