import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDevServer, type FaultMethods, type Faults } from '../src/index.ts';
import { describeFaults, faultsHelp, type FaultName } from '../src/faults/index.ts';
import { NOTES, rowIds, startFaultyServer, watchNotes, type FaultyServer } from './support/faultyServer.ts';
import { recordingLogger } from './support/recordingLogger.ts';

const ALICE = '11111111-1111-4111-8111-111111111111';
/** All that storms know. */
const ANY = describeFaults().flatMap(({ name }) => (['revokeSessions', 'limit'].includes(name) ? [] : [name as FaultName])); // true: names of faults

let lab: FaultyServer;
let faults: Faults;

beforeAll(async () => {
  lab = await startFaultyServer();
  faults = lab.server.faults;
});

afterAll(() => lab.server.close());

describe('parameters of faults', () => {
  // As JavaScript gives them, or JSON.
  const wrong: [keyof FaultMethods, unknown, string][] = [
    ['latency', {}, 'faults.latency: "ms" takes a number of milliseconds, 0 or more, not nothing'],
    ['latency', { ms: -1 }, 'faults.latency: "ms" takes a number of milliseconds, 0 or more, not -1'],
    ['latency', { ms: 1, jitter: 2 }, 'faults.latency: there is no "jitter"; it takes who, ms, jitterMs, forMs'],
    ['latency', 100, 'faults.latency: takes an object of who, ms, jitterMs, forMs'],
    ['dropSockets', { who: 'alice' }, 'faults.dropSockets: "who" takes { userId?, role?, topic? }, each a text, not "alice"'],
    ['dropSockets', { who: { user: 'alice' } }, 'faults.dropSockets: "who" takes { userId?, role?, topic? }, each a text, not {"user":"alice"}'],
    ['closeSockets', { code: 1006 }, 'faults.closeSockets: "code" takes a close code that may be sent: 1000 to 1014 but for 1004 to 1006, or 3000 to 4999 (dropSockets gives 1006), not 1006'],
    ['closeSockets', { reason: 'é'.repeat(62) }, 'faults.closeSockets: "reason" takes a text of up to 123 bytes, for it goes into a close frame, not "ééé'],
    ['halfOpen', { then: 'explode' }, 'faults.halfOpen: "then" takes "heal" or "reset", not "explode"'],
    ['skipBatches', { probability: 0 }, 'faults.skipBatches: "probability" takes a number over 0 and up to 1, not 0'],
    ['skipBatches', { count: 1.5 }, 'faults.skipBatches: "count" takes a whole number, 1 or more, not 1.5'],
    ['failRequests', { status: 200 }, 'faults.failRequests: "status" takes an HTTP status from 400 to 599, not 200'],
    ['restartServer', { graceful: 'yes' }, 'faults.restartServer: "graceful" takes true or false, not "yes"'],
    ['limit', { maxJoins: 1 }, 'faults.limit: there is no "maxJoins"; it takes maxConcurrentUsers'],
    ['recheckPublication', { now: true }, 'faults.recheckPublication: there is no "now"; it takes no parameters'],
  ];

  it.each(wrong)('%s refuses %j by name, and does nothing', async (name, parameters, message) => {
    const before = faults.history.length;
    const methods = faults as unknown as Record<string, (parameters: unknown) => Promise<unknown>>; // true: what is wrong is not typed
    await expect(methods[name]?.(parameters)).rejects.toThrow(new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`));
    expect([faults.active, faults.history.slice(before)]).toEqual([[], []]);
  });

  it('a seed that is no whole number keeps the server from starting', async () => {
    await expect(startDevServer({ port: 0, dataDir: null, seed: null, faults: { seed: 0.5 } })).rejects.toThrow('faults: "seed" takes a whole number from 0 to 4294967295, not 0.5');
  });
});

describe('the life of a fault', () => {
  it('ends once: when it is stopped, after its time, or with its block', async () => {
    const byHand = await faults.latency({ ms: 1 });
    await Promise.all([byHand.stop(), byHand.stop(), byHand.ended]);
    const byTime = await faults.latency({ ms: 1, forMs: 500 });
    lab.clock.advance(499);
    expect(faults.active).toEqual([byTime]);
    lab.clock.advance(1);
    await byTime.ended;
    {
      await using byBlock = await faults.latency({ ms: 1 });
      expect(faults.active).toEqual([byBlock]);
    }
    expect(faults.active).toEqual([]);
    expect(faults.history.filter(({ id }) => id === byHand.id).map(({ event }) => event)).toEqual(['start', 'end']);
  });

  it('clear ends all that are active, and everything is as before', async () => {
    await faults.latency({ ms: 1 });
    await faults.cutReplication();
    await faults.httpLatency({ ms: 1 });
    await faults.restartServer({ graceful: false });
    await faults.clear();
    expect(faults.active).toEqual([]);
    const client = await lab.client();
    await client.join('realtime:well');
    await lab.endClients();
  });

  it('the first one has the log tell the seed, once', async () => {
    const logger = recordingLogger();
    const own = await startFaultyServer({ logger, faults: { seed: 123 } });
    expect(own.server.faults.seed).toBe(123);
    await own.server.faults.dropSockets();
    await own.server.faults.dropSockets();
    await own.server.close();
    expect(logger.lines.filter((line) => line.includes('seed'))).toEqual(['info faults: seed 123 – start with faults: { seed: 123 } to repeat']);
  });

  it('every fault is in the README as the command line tells it', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    for (const { name, summary, parameters } of describeFaults()) {
      const taken = name === 'limit' ? 'the settings of [Limits](#limits), forMs' : parameters.map((parameter) => (parameter.required ? `**${parameter.name}**` : parameter.name)).join(', ');
      expect(readme).toContain(`| \`${name}\` | ${summary} | ${taken} |`);
      for (const parameter of parameters) expect(faultsHelp()).toContain(parameter.about);
    }
  });

  it('every fault tells what it does and takes', () => {
    for (const { name, summary, parameters } of describeFaults()) {
      expect([name, summary.length > 10, parameters.every(({ about, takes }) => about !== '' && takes !== '')]).toEqual([name, true, true]);
    }
  });
});

describe('a storm', () => {
  /** Lets a storm blow over, an event loop turn between the moves of the clock. */
  async function weather(server: FaultyServer, over: Promise<void>, ms: number): Promise<void> {
    const isOver = over.then(() => true);
    const turn = () => new Promise<false>((resolve) => setImmediate(() => resolve(false)));
    for (let past = 0; past < ms && !(await Promise.race([isOver, turn()])); past += 10) server.clock.advance(10);
    // What is left waits for sockets and the database, not for time.
    await over;
  }

  it('is the same for the same seed and the same moves of the clock, and another for another', async () => {
    const histories: unknown[] = [];
    for (const seed of [11, 11, 12]) {
      const own = await startFaultyServer({ faults: { seed } });
      const storm = await own.server.faults.storm({ forMs: 3_000, everyMs: 100, longestMs: 400, faults: ['dropSockets', 'latency', 'skipBatches', 'crashChannels', 'refuseJoins'] });
      await weather(own, storm.ended, 3_000);
      histories.push(own.server.faults.history.filter(({ event }) => event === 'start'));
      expect(own.server.faults.history.filter(({ event }) => event === 'start').map(({ fault, parameters }) => [fault, parameters.forMs])).toEqual(storm.script.map(({ fault, parameters }) => [fault, parameters.forMs]));
      await own.server.close();
    }
    expect(histories[0]).toEqual(histories[1]);
    expect(histories[0]).not.toEqual(histories[2]);
    expect(histories[0]).not.toEqual([]);
  });

  it('leaves nothing behind, and can be played again from its history', async () => {
    const own = await startFaultyServer();
    const { faults: ours } = own.server;
    const storm = await ours.storm({ forMs: 2_000, everyMs: 200, longestMs: 300 });
    await weather(own, storm.ended, 2_000);
    expect(ours.active).toEqual([]);
    const { script } = storm;
    const played = ours.history.length;
    const again = await ours.replay(ours.history.filter(({ event }) => event === 'start').map((step) => ({ ...step, atMs: step.atMs })));
    await weather(own, again.ended, 4_000);
    expect(ours.history.slice(played).filter(({ event }) => event === 'start').map(({ fault, parameters }) => ({ fault, parameters }))).toEqual(
      ours.history.slice(0, played).filter(({ event }) => event === 'start').map(({ fault, parameters }) => ({ fault, parameters })),
    );
    expect(again.script).toHaveLength(script.length);
    const client = await own.client();
    await client.join('realtime:after');
    await own.server.close();
  });

  it('of any faults leaves the server well', { timeout: 120_000 }, async () => {
    const seed = randomInt(2 ** 32);
    const own = await startFaultyServer({ faults: { seed } });
    const { server } = own;
    const token = await server.signToken({ role: 'authenticated', sub: ALICE }, { expiresInS: 36_000 });
    const storm = await server.faults.storm({ forMs: 20_000, everyMs: 150, longestMs: 1_500, faults: ANY });
    const crowd = Promise.all([1, 2, 3].map((n) => own.client().then((client) => client.join(`realtime:${n}`, NOTES, token), () => null)));
    void crowd.catch(() => undefined);
    await weather(own, storm.ended, 25_000);
    await server.faults.clear();
    expect([server.faults.active, storm.hits], `seed ${seed}`).toEqual([[], storm.script.length]);
    const client = await own.client();
    await watchNotes(client, 'realtime:after', await server.signToken({ role: 'authenticated', sub: ALICE, jti: 'after' }));
    await server.sql('insert into notes values (1, $1, $2)', ['text', ALICE]);
    await client.until(() => client.of('postgres_changes').length > 0);
    expect(rowIds(client, 'realtime:after'), `seed ${seed}`).toEqual([1]);
    await server.close();
  });

  it('refuses what it does not know', async () => {
    await expect(faults.storm({ forMs: 0 })).rejects.toThrow('faults.storm: "forMs" takes a number of milliseconds over 0, not 0');
    await expect(faults.storm({ faults: ['limit'] })).rejects.toThrow('faults.storm: "faults" takes names of dropSockets');
    await expect(faults.replay([{ atMs: 0, fault: 'latency', parameters: {} }])).rejects.toThrow('faults.latency: "ms" takes');
  });
});
