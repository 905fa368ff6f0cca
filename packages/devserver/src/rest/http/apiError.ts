/** The four fields of every PostgREST error, in the order it sends them. */
export interface ErrorBody {
  readonly code: string;
  readonly details: unknown;
  readonly hint: string | null;
  readonly message: string;
}

/** A refusal that is part of the API: status, body and extra headers, as PostgREST sends them. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly body: ErrorBody,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(body.message);
  }
}

/** Builds an {@link ApiError}; what is not given is null in its body. */
export function apiError(
  status: number,
  code: string,
  message: string,
  { details = null, hint = null, headers = {} }: { details?: unknown; hint?: string | null; headers?: Record<string, string> } = {},
): ApiError {
  return new ApiError(status, { code, details, hint, message }, headers);
}
