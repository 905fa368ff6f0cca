import { LogLevels } from 'consola';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { messageOf } from './errors.ts';
import type { DevServerOptions } from './startDevServer.ts';

export const CLI_HELP = `Usage: ruwad-devserver [options]
       ruwad-devserver faults     list the faults and their parameters

A local Supabase-compatible backend on an embedded Postgres. For development and tests, never for production.

Options:
  --port <number>        port to listen on; 0 takes any free one (default 54321)
  --host <address>       address to listen on (default 127.0.0.1)
  --data-dir <folder>    where the database lives (default .data)
  --in-memory            keep the database in memory; it ends with the process
  --migrations <path>    folder of SQL files run in name order, or one file; can be given
                         again (default supabase/migrations, if there)
  --seed <file>          SQL run once into a new database (default supabase/seed.sql, if there)
  --no-seed              do not seed a new database
  --reset                delete the database and make it anew
  --no-sign-ups          let nobody make an account
  --anonymous-sign-ins   let signInAnonymously make accounts
  --control              command faults over HTTP at /_control, from this machine only
  --control-origin <url> page of another port that may do so too; can be given again
  --fault-seed <number>  seed of all chance in faults (default a random one)
  --limits <which>       supabase for those of a project with default settings, off for none
  --log-level <level>    silent, error, warn, info or debug (default info)
  --help, -h             show this text
  --version, -v          show the version

Exit codes: 0 stopped by Ctrl-C or SIGTERM, 1 could not start, 2 wrong options.
`;

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  'data-dir': { type: 'string' },
  'in-memory': { type: 'boolean' },
  migrations: { type: 'string', multiple: true },
  seed: { type: 'string' },
  'no-seed': { type: 'boolean' },
  reset: { type: 'boolean' },
  'no-sign-ups': { type: 'boolean' },
  'anonymous-sign-ins': { type: 'boolean' },
  control: { type: 'boolean' },
  'control-origin': { type: 'string', multiple: true },
  'fault-seed': { type: 'string' },
  limits: { type: 'string' },
  'log-level': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const satisfies ParseArgsConfig['options'];

const LOG_LEVELS: Readonly<Record<string, number>> = {
  silent: LogLevels.silent,
  error: LogLevels.error,
  warn: LogLevels.warn,
  info: LogLevels.info,
  debug: LogLevels.debug,
};

/** Options that cannot be used together or read; its message is for the person at the terminal. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What the command line asks for, in the terms of `startDevServer`. */
export interface CliArguments extends DevServerOptions {
  dataDir: string | null;
  /** A level of consola. */
  logLevel: number;
}

/**
 * Reads the command line.
 * @throws {@link UsageError}
 */
export function parseCliArguments(argv: string[]): CliArguments | 'help' | 'version' | 'faults' {
  if (argv.length === 1 && argv[0] === 'faults') return 'faults';
  const values = parse(argv);
  if (values.help === true) return 'help';
  if (values.version === true) return 'version';
  for (const [one, other] of [['data-dir', 'in-memory'], ['seed', 'no-seed']] as const) {
    if (values[one] !== undefined && values[other] === true) throw new UsageError(`--${one} and --${other} exclude each other`);
  }
  const { port, host, migrations, seed, reset } = values;
  return {
    dataDir: values['in-memory'] === true ? null : (values['data-dir'] ?? '.data'),
    logLevel: parseLogLevel(values['log-level'] ?? 'info'),
    ...(values.limits === undefined ? {} : { limits: parseLimits(values.limits) }),
    ...(port === undefined ? {} : { port: parsePort(port) }),
    ...(host === undefined ? {} : { host }),
    ...(migrations === undefined ? {} : { migrations }),
    ...(seed === undefined ? {} : { seed }),
    ...(values['no-seed'] === true ? { seed: null } : {}),
    ...(reset === undefined ? {} : { reset }),
    ...authOf(values),
    ...controlOf(values),
    ...(values['fault-seed'] === undefined ? {} : { faults: { seed: parseFaultSeed(values['fault-seed']) } }),
  };
}

function authOf(values: ReturnType<typeof parse>): Pick<DevServerOptions, 'auth'> {
  const auth = {
    ...(values['no-sign-ups'] === true && { signUps: false }),
    ...(values['anonymous-sign-ins'] === true && { anonymousSignIns: true }),
  };
  return Object.keys(auth).length === 0 ? {} : { auth };
}

function controlOf(values: ReturnType<typeof parse>): Pick<DevServerOptions, 'control'> {
  const { control, 'control-origin': origins } = values;
  if (origins !== undefined) return { control: { origins } };
  return control === true ? { control } : {};
}

function parseFaultSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed >= 2 ** 32) throw new UsageError(`--fault-seed takes a whole number from 0 to 4294967295, not "${text}"`);
  return seed;
}

function parse(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(`${messageOf(error).split('. ')[0] ?? ''}; see --help`, { cause: error });
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new UsageError(`--port takes a number from 0 to 65535, not "${text}"`);
  return port;
}

function parseLimits(which: string): 'supabase' | 'off' {
  if (which === 'supabase' || which === 'off') return which;
  throw new UsageError(`--limits takes supabase or off, not "${which}"`);
}

function parseLogLevel(name: string): number {
  const level = Object.hasOwn(LOG_LEVELS, name) ? LOG_LEVELS[name] : undefined;
  if (level === undefined) throw new UsageError(`--log-level takes ${Object.keys(LOG_LEVELS).join(', ')}, not "${name}"`);
  return level;
}
