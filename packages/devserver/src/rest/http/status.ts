/** Whether a status can be that of a final reply. */
export function isReplyStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599;
}

/** Whether replies of this status have no body; `Response` refuses one. */
export function isBodiless(status: number): boolean {
  return [204, 205, 304].includes(status);
}
