import type { Seat } from './seat.ts';
import type { HeardAs } from './speech.ts';

/** A broadcast, by a seat or by the database. */
export interface Said {
  seat: Seat | null;
  topic: string;
  as: HeardAs;
}

/** What a seat's socket makes of a broadcast; `null` when its version is not told. */
export function soundOf({ as }: Said, { client }: Seat): string | null {
  return as[client.vsn];
}

/** Whether a seat, as it is joined now, hears a broadcast. */
export function hears(seat: Seat, said: Said): boolean {
  return said.topic === seat.topic && seat.joined !== null && (said.seat !== seat || seat.joined.self) && soundOf(said, seat) !== null;
}

/** Notes what a channel that was joined all the round must have heard in it. */
export function expectHeard(seat: Seat, said: readonly Said[], rows: readonly number[]): void {
  if (seat.joined?.steady !== true) return;
  seat.heard.push(...said.filter((one) => hears(seat, one)).flatMap((one) => soundOf(one, seat) ?? []));
  if (seat.joined.changes) seat.rows.push(...rows);
}
