/** Thrown inside a join to refuse it; the client is told the message, `Code: text`, as the reason. */
export class JoinRefused extends Error {
  /** @param options `closesSocket`: whether the refusal ends the socket too, once it was told */
  constructor(
    message: string,
    readonly options: { closesSocket?: boolean } = {},
  ) {
    super(message);
  }
}
