// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** What went wrong, for a program to branch on. New kinds may be added. */
export type ErrorKind =
  /** The message is not JSON. */
  | "parse"
  /** The message is JSON but not a request, or is larger or nests deeper than the limit. */
  | "invalidRequest"
  /** No method of that name. */
  | "methodNotFound"
  /** A member of `params` is missing or has the wrong type; `path` names it. */
  | "invalidParams"
  /** The connection has not sent `initialize`, or has sent it twice. */
  | "notInitialized"
  /** Nobody is signed in, the sign-in does not serve this call, or the service refused it. */
  | "authRequired"
  /** The service answered with an error status; `httpStatus` holds it. */
  | "backendStatus"
  /** The service could not be reached. */
  | "backendUnreachable"
  /** The service answered with something that could not be read. */
  | "backendPayload"
  /** The service did not answer within the call's time limit. */
  | "timeout"
  /** The service asked to be left alone; `retryAfterSec` says for how long, if it did. */
  | "rateLimited"
  /** The server has too much in flight; try again later. */
  | "overloaded"
  /** The idempotency key was used before with other parameters. */
  | "idempotencyMismatch"
  /** The server itself failed, or is not configured. */
  | "internal";
