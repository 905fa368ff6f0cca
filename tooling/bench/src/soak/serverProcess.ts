/**
 * A dev server without limits in a process of its own, so that its memory is not measured.
 * Messages in: `{ restart: options }`, answered by `'restarted'`, `'drop'`, answered by `'dropped'`, or `'close'`. Messages out: first the address and key.
 */
import { startDevServer } from '@ruwad/realtime-devserver';
import { fileURLToPath } from 'node:url';

export interface Address {
  url: string;
  anonKey: string;
}

/** See the fault `restartServer`. */
export interface Restart {
  graceful: boolean;
  downMs: number;
}

const migrations = fileURLToPath(new URL('../devserver/migrations', import.meta.url));
const server = await startDevServer({ port: 0, dataDir: null, migrations, seed: null, limits: 'off' });

process.on('message', (message: { restart: Restart } | 'drop' | 'close') => {
  if (message === 'close') void server.close().then(() => process.exit(0));
  else if (message === 'drop') void server.faults.dropSockets().then(() => process.send?.('dropped'));
  else void server.faults.restartServer({ ...message.restart }).then(() => process.send?.('restarted'));
});
// Whoever measures is gone: nobody is left to serve.
process.on('disconnect', () => process.exit(1));

process.send?.({ url: server.url, anonKey: server.anonKey } satisfies Address);
