/** Thrown inside a join to refuse it; the client is told the message, `Code: text`, as the reason. */
export class JoinRefused extends Error {}
