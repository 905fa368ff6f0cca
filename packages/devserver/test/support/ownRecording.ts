import { recordingOf, type Line, type Recording } from '../../conformance/recording.ts';
import { createTokens, type TokenClaims } from '../../src/tokens/index.ts';

const JWT_SECRET = 'super-secret-jwt-token-with-at-least-32-characters-long';
const START_MS = Date.parse('2026-11-22T14:00:00Z');
const TOPIC = 'realtime:own';

/**
 * A recording of our own making in version 2: what the real server must have sent by PROTOCOL's rules, where no
 * recording of it is at hand.
 */
export class OwnRecording {
  readonly #lines: Line[] = [];
  readonly #tokens = createTokens({ jwtSecret: JWT_SECRET });
  #t = 0;

  /** Time goes on. */
  after(ms: number): this {
    this.#t += ms;
    return this;
  }

  async connect(conn: string, claims: TokenClaims = { role: 'anon' }): Promise<void> {
    const token = await this.#tokens.sign(claims, { expiresInS: 315_360_000 });
    this.#add({ dir: 'out', conn, event: 'connect', frame: `GET /socket/websocket?apikey=${token}&vsn=2.0.0` });
    this.#add({ dir: 'in', conn, event: 'open' });
  }

  join(conn: string, config: object): void {
    this.#add({ dir: 'out', conn, frame: JSON.stringify(['1', '1', TOPIC, 'phx_join', { config }]) });
  }

  send(conn: string, ref: string, event: string, payload: object): void {
    this.#add({ dir: 'out', conn, frame: JSON.stringify(['1', ref, TOPIC, event, payload]) });
  }

  /** The answer to a join, with what it says of each binding. */
  joined(conn: string, bindings: readonly object[] = []): void {
    this.received(conn, 'phx_reply', { status: 'ok', response: { postgres_changes: bindings } }, { joinRef: '1', ref: '1' });
  }

  subscribed(conn: string): void {
    this.received(conn, 'system', { message: 'Subscribed to PostgreSQL', status: 'ok', extension: 'postgres_changes', channel: 'own' }, { joinRef: '1' });
  }

  received(conn: string, event: string, payload: object, { joinRef = null, ref = null }: { joinRef?: string | null; ref?: string | null } = {}): void {
    this.#add({ dir: 'in', conn, frame: JSON.stringify([joinRef, ref, TOPIC, event, payload]) });
  }

  sql(sql: string): void {
    this.#add({ dir: 'ctl', event: 'sql', sql });
    this.#add({ dir: 'ctl', event: 'sql_done' });
  }

  end(...conns: readonly string[]): void {
    for (const conn of conns) this.#add({ dir: 'in', conn, event: 'close', code: 1006 });
  }

  recording(name: string): Recording {
    // Read when a replay resets: before the tokens expire.
    return { ...recordingOf(name, this.#lines), startMs: START_MS };
  }

  #add(line: Omit<Line, 't_ms'>): void {
    this.#t += 0.1;
    this.#lines.push({ t_ms: this.#t, ...line });
  }
}
