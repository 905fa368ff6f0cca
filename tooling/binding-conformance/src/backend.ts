import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Address, SqlReply } from './backendProcess.ts';

/** A dev server on a real Postgres with the repository's migrations and seed. */
export interface Backend extends Address {
  /** Runs SQL as the database's owner, outside row level security. */
  readonly sql: <Row = Record<string, unknown>>(query: string, params?: unknown[]) => Promise<Row[]>;
  readonly close: () => Promise<void>;
}

/** Starts a dev server in memory, in a process of its own, on a free port. */
export async function startBackend(): Promise<Backend> {
  const child = fork(join(import.meta.dirname, 'backendProcess.ts'), {
    cwd: import.meta.dirname, // from where `tsx` is found
    execArgv: ['--conditions', '@ruwad/source', '--import', 'tsx'],
    serialization: 'advanced',
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const pending = new Map<number, { resolve: (rows: unknown[]) => void; reject: (error: Error) => void }>();
  let lastId = 0;

  const address = await Promise.race([
    new Promise<Address>((resolve) => child.once('message', (message) => resolve(message as Address))), // its first message
    exited.then((code) => Promise.reject(new Error(`The dev server ended with code ${code} before it was up`))),
  ]);
  child.on('message', (message) => {
    const reply = message as SqlReply; // all after the first
    const caller = pending.get(reply.id);
    pending.delete(reply.id);
    if ('error' in reply) caller?.reject(new Error(reply.error));
    else caller?.resolve(reply.rows);
  });

  return {
    ...address,
    sql: <Row>(query: string, params: unknown[] = []) =>
      new Promise<Row[]>((resolve, reject) => {
        const id = ++lastId;
        pending.set(id, { resolve: (rows) => resolve(rows as Row[]), reject }); // the caller names the row type
        child.send({ id, query, params });
      }),
    close: async () => {
      child.send('close');
      await exited;
    },
  };
}
