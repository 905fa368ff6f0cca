import { openDatabase } from '../src/database/openDatabase.ts';
import type { Database } from '../src/database/database.ts';
import { createFaults, createHttpSeam, expirable, faultSeed, type ActiveFault, type Faults } from '../src/faults/index.ts';
import { createGateway } from '../src/gateway.ts';
import { listenHttp } from '../src/http.ts';
import { createTime, systemClock } from '../src/lib/time.ts';
import { silentLogger } from '../src/logger.ts';
import { createRealtime, isOfNoJoin, type Tenant } from '../src/realtime/index.ts';
import { createTokens } from '../src/tokens/index.ts';
import { readCompanion, requiredCompanion } from './companions.ts';
import type { Recording } from './recording.ts';
import type { Incident } from './incidents.ts';
import { settingsAtStart } from './tenantRequest.ts';

/** Longer than any recording. */
const NEVER_MS = 3_600_000;
/** The secret of the recordings. */
const JWT_SECRET = 'super-secret-jwt-token-with-at-least-32-characters-long';

/** Recordings of a stricter build of Phoenix than the rest, by their README. */
const STRICT_PHOENIX = /^04e/;

/** A dev server to replay recordings against, one after another. */
export interface Laboratory {
  port: number;
  db: Database;
  tenant: Tenant;
  /** Does to the server what happened to the recorded one. */
  suffer: (incident: Incident) => Promise<void>;
  /** Puts the fixtures back and sets the server's clock to the start of a recording. */
  reset(recording: Pick<Recording, 'name' | 'startMs' | 'lines'>): Promise<void>;
  /** Resolves once everything committed so far has been sent. */
  settled: () => Promise<void>;
  close(): Promise<void>;
}

/** Starts the dev server's own parts in memory, with a clock that runs `1 / timeScale` as fast as ours. */
export async function openLaboratory({ recordings, timeScale }: { recordings: string; timeScale: number }): Promise<Laboratory> {
  const db = await openDatabase({ dataDir: null });
  const sql = await Promise.all(['fixtures.sql', 'policies.sql'].map((name) => requiredCompanion(recordings, name)));
  let start = { at: performance.now(), wall: Date.now() };
  const now = () => start.wall + (performance.now() - start.at) / timeScale;
  const tokens = expirable(createTokens({ jwtSecret: JWT_SECRET, now }), { now, apiKeys: [] });
  const time = createTime({ clock: { ...systemClock, now }, timeScale });
  const realtime = createRealtime({ db, tokens, logger: silentLogger, time });
  const faults = createFaults({ db, tokens, realtime, http: createHttpSeam(), time, seed: faultSeed(), logger: silentLogger });
  const app = createGateway({
    db,
    logger: silentLogger,
    version: 'conformance',
    project: { anonKey: '', database: 'in memory' },
    apis: { '/realtime/v1/api': realtime.api, '/api': realtime.api },
  });
  await realtime.start();
  const http = await listenHttp({ port: 0, host: '127.0.0.1' });
  http.serve({ app, handleUpgrade: (...upgrade) => realtime.handleUpgrade(...upgrade) });
  const settled = async () => realtime.run?.settled();
  return {
    port: http.port,
    db,
    tenant: realtime.tenant,
    suffer: sufferer(faults),
    settled,
    async reset(recording) {
      const { name, startMs } = recording;
      await faults.clear();
      realtime.seams.push.steps = STRICT_PHOENIX.test(name) ? [isOfNoJoin] : null;
      realtime.tenant.set(settingsAtStart(recording));
      realtime.tenant.measureAnew();
      for (const text of [...sql, (await readCompanion(recordings, `${name}.before.sql`)) ?? '']) await db.exec(text);
      await db.exec('truncate realtime.messages');
      // The fixtures made the publication anew, which would be noticed some time later.
      await realtime.run?.feed.recheck();
      // Changes of the last moment would still be delivered, as on the real server.
      await settled();
      start = { at: performance.now(), wall: startMs };
    },
    async close() {
      await realtime.close();
      await http.close();
      await db.close();
    },
  };
}

/** Does incidents to a server by its faults; the end of one stops what its begin started. */
function sufferer(faults: Faults): (incident: Incident) => Promise<void> {
  let running: ActiveFault | null = null;
  return async (incident) => {
    switch (incident) {
      case 'stop':
      case 'kill':
        running = await faults.restartServer({ graceful: incident === 'stop', downMs: NEVER_MS });
        return;
      case 'go deaf':
        running = await faults.restartDatabase({ downMs: NEVER_MS });
        return;
      case 'start':
      case 'hear again':
        await running?.stop();
        running = null;
    }
  };
}
