import type { TokenFailure } from '../tokens/index.ts';

const MALFORMED = 'The token provided is not a valid JWT';
const BAD_SIGNATURE = 'Failed to validate JWT signature';
const MISSING_CLAIMS = 'Fields `role` and `exp` are required in JWT';

/** The body text of a refused handshake. */
export function handshakeText(failure: TokenFailure): string {
  return failure.reason === 'expired' ? 'Token has expired' : plainText(failure);
}

/** The reason in the reply to a refused join, with its code in front. */
export function joinText(failure: TokenFailure): string {
  switch (failure.reason) {
    case 'bad-signature':
    case 'unsupported-algorithm':
      return `JwtSignatureError: ${BAD_SIGNATURE}`;
    case 'expired':
    case 'missing-claims':
      return `InvalidJWTToken: ${plainText(failure)}`;
    case 'missing':
    case 'malformed':
      return `MalformedJWT: ${MALFORMED}`;
  }
}

/** The `system` message before a channel is closed for a token pushed to it. */
export function closingText(failure: TokenFailure): string {
  const isSignature = failure.reason === 'bad-signature' || failure.reason === 'unsupported-algorithm';
  return isSignature ? ':signature_error' : plainText(failure);
}

/** What is said of a token that expired `agoS` seconds ago. */
export function expiredText(agoS: number): string {
  return `Token has expired ${agoS} seconds ago`;
}

function plainText(failure: TokenFailure): string {
  switch (failure.reason) {
    case 'missing':
    case 'malformed':
      return MALFORMED;
    case 'bad-signature':
    case 'unsupported-algorithm':
      return BAD_SIGNATURE;
    case 'missing-claims':
      return MISSING_CLAIMS;
    case 'expired':
      return expiredText(failure.agoS);
  }
}
