import type { Tx } from '../../database/database.ts';

/**
 * Tells capture triggers which tables nobody watches: they do nothing there. The list is a setting of the session, of
 * which there is one; a session that lost it captures everything.
 */
export class CaptureGate {
  readonly #db: Tx;
  #shut: ReadonlySet<number> = new Set();
  /** One after another, for the last one counts. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(db: Tx) {
    this.#db = db;
  }

  /** Whether changes of any of these tables are not captured, or soon will not be. */
  isShut(relids: readonly number[]): boolean {
    return relids.some((relid) => this.#shut.has(relid));
  }

  /** Resolves once changes of these tables are captured too. */
  open(relids: readonly number[]): Promise<unknown> {
    return this.shut([...this.#shut].filter((relid) => !relids.includes(relid)));
  }

  /** Captures no changes of these tables from now on, and of all others. */
  shut(relids: Iterable<number>): Promise<unknown> {
    this.#shut = new Set(relids);
    const write = () => this.#db.query("select set_config('realtime_changes.unwatched', $1, false)", [` ${[...this.#shut].join(' ')} `]);
    return (this.#written = this.#written.then(write, write));
  }
}
