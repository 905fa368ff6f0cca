import { Digits, type Exact } from './exactJson.ts';
import type { Received } from './frames.ts';
import type { Recording } from './recording.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(Z|\+00(?::00)?)?$/;
const AGO = /expired \d+ seconds ago/;
const DAY_MS = 86_400_000;

/**
 * Compares what was recorded with what came, ignoring values that the server makes: binding ids, presence refs and
 * UUIDs (each recorded one must always meet the same new one), and the time of the recording. A value that went out
 * was not made by the server and must be equal. The metas of one presence key have no order.
 */
export class VolatileComparison {
  readonly #recording: Recording;
  #pairs = new Map<string, string>();
  #trial = new Map<string, string>();

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  /** The pairs so far, to come back to. */
  pairs(): ReadonlyMap<string, string> {
    return this.#pairs;
  }

  /** Forgets pairs made since. */
  restore(pairs: ReadonlyMap<string, string>): void {
    this.#pairs = new Map(pairs);
  }

  /** Whether both say the same; new pairs of volatile values are kept only then. */
  matches(recorded: Received, actual: Received): boolean {
    if (recorded.event !== actual.event) return false;
    this.#trial = new Map(this.#pairs);
    if (!this.#equal(recorded.content, actual.content, { key: '', cut: recorded.cut })) return false;
    this.#pairs = this.#trial;
    return true;
  }

  #equal(recorded: Exact, actual: Exact, at: { key: string; cut: boolean }): boolean {
    if (recorded instanceof Map) return actual instanceof Map && this.#equalObjects(recorded, actual, at.cut);
    if (Array.isArray(recorded)) return Array.isArray(actual) && this.#equalArrays(recorded, actual, at);
    if (recorded instanceof Digits) return actual instanceof Digits && this.#equalNumbers(recorded.text, actual.text, at.key);
    if (typeof recorded === 'string') return typeof actual === 'string' && this.#equalStrings(recorded, actual, at);
    return recorded === actual;
  }

  #equalArrays(recorded: Exact[], actual: Exact[], at: { key: string; cut: boolean }): boolean {
    const sameLength = recorded.length === actual.length || (at.cut && recorded.length < actual.length);
    if (at.key === 'metas') return sameLength && this.#equalInAnyOrder(recorded, actual);
    return sameLength && recorded.every((value, index) => this.#equal(value, actual[index] ?? null, at));
  }

  #equalInAnyOrder(recorded: Exact[], actual: Exact[]): boolean {
    const left = [...actual];
    return recorded.every((value) => {
      const found = left.findIndex((candidate) => this.#wouldEqual(value, candidate));
      if (found !== -1) left.splice(found, 1);
      return found !== -1;
    });
  }

  /** Like `#equal`, but what does not match leaves no pairs behind. */
  #wouldEqual(recorded: Exact, actual: Exact): boolean {
    const before = new Map(this.#trial);
    const isEqual = this.#equal(recorded, actual, { key: '', cut: false });
    if (!isEqual) this.#trial = before;
    return isEqual;
  }

  #equalObjects(recorded: Map<string, Exact>, actual: Map<string, Exact>, cut: boolean): boolean {
    const left = new Set(actual.keys());
    for (const [key, value] of recorded) {
      const found = left.has(key) ? key : [...left].find((other) => this.#isMade(key) && UUID.test(other) && this.#pair(key, other));
      if (found === undefined || !this.#equal(value, actual.get(found) ?? null, { key, cut })) return false;
      left.delete(found);
    }
    return cut || left.size === 0;
  }

  /** `id` and `ids` of bindings are hashes of the server's own; an `id` that no SQL names came from a sequence. */
  #equalNumbers(recorded: string, actual: string, key: string): boolean {
    if (recorded === actual) return true;
    const isMadeId = (key === 'id' || key === 'ids') && !new RegExp(`\\b${recorded}\\b`).test(this.#recording.sql);
    return isMadeId && this.#pair(`#${recorded}`, `#${actual}`);
  }

  #equalStrings(recorded: string, actual: string, { key, cut }: { key: string; cut: boolean }): boolean {
    if (recorded === actual || (cut && actual.startsWith(recorded))) return true;
    if (AGO.test(recorded)) return recorded.replace(AGO, '') === actual.replace(AGO, '');
    if (this.#isTimeOfRecording(recorded)) return TIMESTAMP.exec(actual)?.[1] === TIMESTAMP.exec(recorded)?.[1];
    const isRef = key === 'phx_ref' || key === 'phx_ref_prev';
    return (isRef || (UUID.test(recorded) && UUID.test(actual))) && this.#isMade(recorded) && this.#pair(recorded, actual);
  }

  #isMade(value: string): boolean {
    return !this.#recording.sent.includes(value);
  }

  #isTimeOfRecording(value: string): boolean {
    if (!TIMESTAMP.test(value) || !this.#isMade(value)) return false;
    const time = Date.parse(value.endsWith('Z') || value.includes('+') ? value : `${value}Z`);
    return Math.abs(time - this.#recording.startMs) < DAY_MS;
  }

  #pair(recorded: string, actual: string): boolean {
    const known = this.#trial.get(recorded);
    if (known !== undefined) return known === actual;
    if ([...this.#trial.values()].includes(actual)) return false;
    this.#trial.set(recorded, actual);
    return true;
  }
}
