import type { Tx } from '../../database/database.ts';

/** Tells the database which tables are watched: their changes are captured, and those of no others. */
export class CaptureGate {
  readonly #db: Tx;
  #watched: ReadonlySet<number> = new Set();
  /** One after another, for the last one counts. */
  #written: Promise<void> = Promise.resolve();
  #failed = false;

  constructor(db: Tx) {
    this.#db = db;
  }

  /** Whether changes of all these tables are captured, or soon will be. */
  isOpen(relids: readonly number[]): boolean {
    return relids.every((relid) => this.#watched.has(relid));
  }

  /** Resolves once changes of these tables are captured too. */
  open(relids: readonly number[]): Promise<void> {
    return this.isOpen(relids) && !this.#failed ? this.#written : this.only([...this.#watched, ...relids]);
  }

  /** Captures changes of these tables from now on, and of no others. */
  only(relids: Iterable<number>): Promise<void> {
    const watched = new Set(relids);
    this.#watched = watched;
    const write = () => this.#write([...watched]);
    return (this.#written = this.#written.then(write, write));
  }

  async #write(relids: readonly number[]): Promise<void> {
    this.#failed = true;
    await this.#db.query('select realtime_changes.watch($1::oid[])', [relids]);
    this.#failed = false;
  }
}
