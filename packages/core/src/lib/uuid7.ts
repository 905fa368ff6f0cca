const UUID7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;

let lastMs = 0;
let counter = 0;

/** A new UUID of version 7, to make rows with: an insert that is sent twice then writes once. */
export function newId(): string {
  return uuid7(Date.now());
}

/**
 * A UUID of version 7: sorts by time of making, also within one millisecond of one page.
 *
 * @param nowMs - ms since 1970; a clock that goes back does not break the order.
 * @see RFC 9562, sections 5.7 and 6.2 (method 1)
 */
export function uuid7(nowMs: number): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = 0;
  } else if ((counter += 1) > 0xfff) {
    lastMs += 1;
    counter = 0;
  }
  const random = crypto.getRandomValues(new Uint8Array(8));
  const tail = [...random].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const time = Math.trunc(lastMs).toString(16).padStart(12, '0');
  const variant = (8 + (Number.parseInt(tail.slice(0, 1), 16) & 3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}${tail.slice(1, 4)}-${tail.slice(4)}`;
}

/** Whether a value is a UUID of version 7. */
export function isUuid7(value: unknown): boolean {
  return typeof value === 'string' && UUID7.test(value);
}
