// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { ErrorKind } from "./ErrorKind";

/** What a program needs to act on an error. */
export type ErrorData = {
  /** What went wrong. */
  kind: ErrorKind;
  /** Whether the same request may succeed when it is sent again later. */
  retryable: boolean;
  /** HTTP status of the service's answer, where there was one. */
  httpStatus?: number;
  /** Seconds to wait before trying again, where the service said so. */
  retryAfterSec?: number;
  /** The member that is wrong, for example `params.idempotencyKey`. */
  path?: string;
  /** True where a redemption may or may not have happened; retry with the same idempotency key. */
  outcomeUnknown?: boolean;
  /** What is wrong and what to do about it, for people, where `message` says less. */
  detail?: string;
};
