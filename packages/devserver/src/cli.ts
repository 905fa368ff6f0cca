#!/usr/bin/env node
import { createConsola } from 'consola';
import { CLI_HELP, parseCliArguments, UsageError, type CliArguments } from './cliArguments.ts';
import { consolaLogger } from './consolaLogger.ts';
import { DevServerError, messageOf } from './errors.ts';
import { faultsHelp } from './faults/index.ts';
import { packageVersion } from './lib/packageFolder.ts';
import { startDevServer, type DevServer } from './startDevServer.ts';

const FAILED = 1;
const MISUSED = 2;
const INTERRUPTED = 130;
const MOST_ACCOUNTS = 8;

await main(process.argv.slice(2));

async function main(argv: string[]): Promise<void> {
  try {
    const command = parseCliArguments(argv);
    if (command === 'help') process.stdout.write(CLI_HELP);
    else if (command === 'faults') process.stdout.write(faultsHelp());
    else if (command === 'version') process.stdout.write(`${packageVersion(import.meta.url)}\n`);
    else await serve(command);
  } catch (error) {
    report(error);
  }
}

/** One line for what a person can put right; only what nobody foresaw is worth its stack. */
function report(error: unknown): void {
  const isForeseen = error instanceof UsageError || error instanceof DevServerError;
  process.exitCode = error instanceof UsageError ? MISUSED : FAILED;
  process.stderr.write(`ruwad-devserver: ${isForeseen || !(error instanceof Error) ? messageOf(error) : error.stack}\n`);
}

async function serve({ logLevel, ...options }: CliArguments): Promise<void> {
  const logger = consolaLogger(createConsola({ level: logLevel }));
  let server: DevServer | null = null;
  closeOnSignal(() => server);
  server = await startDevServer({ ...options, logger });
  process.stdout.write(`${await banner(server, options.dataDir)}\n`);
}

/**
 * A signal closes everything and ends with 0; a second Ctrl-C does not wait. A SIGTERM beside it forces nothing: a
 * parent process sends one when the terminal has already interrupted both. Before there is a server the process just
 * ends: a start may be cut off anywhere, and the next one goes on from there.
 */
function closeOnSignal(server: () => DevServer | null): void {
  const close = () => {
    const running = server();
    if (running === null) process.exit(0);
    running.close().catch(report);
  };
  process.on('SIGTERM', close);
  process.on('SIGHUP', close);
  process.once('SIGINT', () => {
    close();
    process.once('SIGINT', () => process.exit(INTERRUPTED));
  });
}

async function banner(server: DevServer, dataDir: string | null): Promise<string> {
  const facts = [
    ['url', server.url],
    ['anon key', server.anonKey],
    ['service key', `${server.serviceRoleKey} (never in a browser)`],
    ['database', dataDir ?? 'in memory'],
    ...(await accounts(server)),
  ];
  const width = Math.max(...facts.map(([name = '']) => name.length));
  return ['', 'The dev server is running. Ctrl-C stops it.', ...facts.map(([name = '', value = '']) => `  ${name.padEnd(width)}  ${value}`), ''].join('\n');
}

/** The people one can sign in as; their passwords are in the seed. */
async function accounts(server: DevServer): Promise<string[][]> {
  const rows = await server.sql<{ email: string }>('select email from auth.users where email is not null order by created_at, email limit $1', [MOST_ACCOUNTS + 1]);
  const emails = rows.slice(0, MOST_ACCOUNTS).map(({ email }) => email);
  if (rows.length > MOST_ACCOUNTS) emails.push('…');
  return emails.length === 0 ? [] : [['accounts', emails.join(', ')]];
}
