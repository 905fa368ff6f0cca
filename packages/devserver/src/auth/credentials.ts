import { randomBytes } from 'node:crypto';
import type { Tx } from '../database/database.ts';
import { AuthError } from './authError.ts';

const MIN_PASSWORD_LENGTH = 6;
/** bcrypt reads no further. */
const MAX_PASSWORD_LENGTH = 72;
const MAX_EMAIL_LENGTH = 255;

/** One `@` with something around it, and no spaces; a project checks little more. */
const EMAIL = /^[^\s@<>"]+@[^\s@<>"]+\.?[^\s@<>"]*$/;
/** E.164 without its plus. */
const PHONE = /^[1-9]\d{1,14}$/;
const BAN_DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;
const UNIT_MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, 'µs': 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** An address as accounts keep it: in lower case. @throws AuthError `validation_failed` */
export function checkedEmail(email: string): string {
  if (email.length > MAX_EMAIL_LENGTH) throw invalid('An email address is too long');
  if (!EMAIL.test(email)) throw invalid('Unable to validate email address: invalid format');
  return email.toLowerCase();
}

/** A telephone number as accounts keep it: digits alone. @throws AuthError `validation_failed` */
export function checkedPhone(phone: string): string {
  const digits = phone.replace(/^\+/, '').replaceAll(' ', '');
  if (!PHONE.test(digits)) throw invalid('Invalid phone number format (E.164 required)');
  return digits;
}

/** The bcrypt hash of a password. @throws AuthError `weak_password`, `validation_failed` */
export async function checkedHash(tx: Tx, password: string): Promise<string> {
  if (password.length > MAX_PASSWORD_LENGTH) throw invalid(`Password cannot be longer than ${MAX_PASSWORD_LENGTH} characters`);
  if (password.length < MIN_PASSWORD_LENGTH) {
    const reasons = { weak_password: { reasons: ['length'] } };
    throw new AuthError(422, 'weak_password', `Password should be at least ${MIN_PASSWORD_LENGTH} characters.`, { extra: reasons });
  }
  return hashOf(tx, password);
}

/** The hash of a password that nobody knows, for accounts made without one. */
export function unknownHash(tx: Tx): Promise<string> {
  return hashOf(tx, randomBytes(32).toString('base64url'));
}

/**
 * Until when an account is banned, given a duration such as `24h` or `1h30m`: undefined when nothing is said, null for `none`.
 * @throws AuthError `validation_failed`
 */
export function bannedUntil(duration: string | undefined, nowMs: number): string | null | undefined {
  if (duration === undefined || duration === '') return undefined;
  if (duration === 'none') return null;
  if (!BAN_DURATION.test(duration)) throw invalid(`invalid format for ban duration: time: invalid duration ${JSON.stringify(duration)}`);
  const parts = [...duration.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)];
  const lengthMs = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0), 0);
  const until = new Date(nowMs + lengthMs);
  if (Number.isNaN(until.getTime())) throw invalid(`invalid format for ban duration: time: invalid duration ${JSON.stringify(duration)}`);
  return until.toISOString();
}

async function hashOf(tx: Tx, password: string): Promise<string> {
  const [row] = await tx.query<{ hash: string }>(`select extensions.crypt($1, extensions.gen_salt('bf')) as hash`, [password]);
  if (row === undefined) throw new Error('a select without a table gave no row');
  return row.hash;
}

function invalid(message: string): AuthError {
  return new AuthError(400, 'validation_failed', message);
}
