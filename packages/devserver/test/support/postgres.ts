import { execFile, execFileSync } from 'node:child_process';
import { accessSync, chownSync, constants, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';

const run = promisify(execFile);
const OLDEST = 15;

/** Folder of the programs of a PostgreSQL of this machine, 15 or later; null when there is none. `POSTGRES_BIN` names one. */
export function findPostgres(): string | null {
  const packaged = '/usr/lib/postgresql';
  const folders = [
    process.env['POSTGRES_BIN'],
    ...(existsSync(packaged) ? readdirSync(packaged).sort().reverse().map((version) => join(packaged, version, 'bin')) : []),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return folders.find((folder) => folder !== undefined && isRecent(folder)) ?? null;
}

function isRecent(folder: string): boolean {
  try {
    for (const program of ['initdb', 'pg_ctl', 'postgres', 'pg_dump', 'psql']) accessSync(join(folder, program), constants.X_OK);
    const version = execFileSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8' });
    return Number(/(\d+)/.exec(version)?.[1]) >= OLDEST;
  } catch {
    return false;
  }
}

/** A PostgreSQL server of its own, on a socket in a temporary folder. */
export interface Postgres {
  /** A new connection, as one of the roles of {@link ROLES}. */
  connect(user?: string): Promise<Client>;
  /** Stops and starts it: `fast` as an operator does, `immediate` as a crash. Connections are lost. */
  restart(mode: 'fast' | 'immediate'): Promise<void>;
  /** Runs one of its programs against it and gives what it prints. */
  program(name: string, args: readonly string[]): Promise<string>;
  /** Runs what `pg_dump` printed. */
  restore(dump: string): Promise<void>;
  stop(): Promise<void>;
}

/** The roles of a Supabase project: `postgres` is no superuser. */
const ROLES = `
  create role postgres login createrole createdb bypassrls replication;
  create role anon; create role authenticated; create role service_role bypassrls;
  grant anon, authenticated, service_role to postgres;
  alter database postgres owner to postgres;
  alter schema public owner to postgres;
  grant usage on schema public to anon, authenticated, service_role;
`;

/** Makes a database cluster and starts it. @param bin of {@link findPostgres} */
export async function startPostgres(bin: string): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'ruwad-postgres-'));
  const asUser = unprivileged(folder);
  const program = async (name: string, args: readonly string[]) => (await run(join(bin, name), args, { ...asUser, cwd: folder, maxBuffer: 64 * 1024 * 1024 })).stdout;
  const data = join(folder, 'data');
  // Its output goes to a file, because a server that keeps our pipe would keep us waiting.
  const start = () => program('pg_ctl', ['-D', data, '-w', '-l', join(folder, 'log'), '-o', `-k ${folder} -c listen_addresses= -c fsync=off -c timezone=UTC`, 'start']);
  const stopServer = (mode: string) => program('pg_ctl', ['-D', data, '-w', '-m', mode, 'stop']);
  const connect = async (user = 'postgres') => {
    const client = new Client({ host: folder, user, database: 'postgres' });
    client.on('error', () => undefined); // a restart cuts it
    await client.connect();
    return client;
  };

  await program('initdb', ['-D', data, '-U', 'supabase_admin', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
  await start();
  const admin = await connect('supabase_admin');
  await admin.query(ROLES);
  await admin.end();
  return {
    connect,
    program: (name, args) => program(name, ['-h', folder, '-U', 'supabase_admin', ...args]),
    async restore(dump) {
      const file = join(folder, 'dump.sql');
      writeFileSync(file, dump);
      await program('psql', ['-h', folder, '-U', 'supabase_admin', '-v', 'ON_ERROR_STOP=1', '-q', '-f', file, 'postgres']);
    },
    async restart(mode) {
      await stopServer(mode);
      await start();
    },
    async stop() {
      await stopServer('immediate');
      rmSync(folder, { recursive: true });
    },
  };
}

/** The server refuses to run as root, so that root runs it as `nobody`. */
function unprivileged(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const uid = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }));
  const gid = Number(execFileSync('id', ['-g', 'nobody'], { encoding: 'utf8' }));
  chownSync(folder, uid, gid);
  return { uid, gid };
}
