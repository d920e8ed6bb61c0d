// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { JSONRPCErrorError } from "./JSONRPCErrorError";
import type { JSONRPCVersion } from "./JSONRPCVersion";
import type { RequestId } from "./RequestId";

/** The answer to a request that failed. */
export type JSONRPCError = {
  /** As in the request. */
  jsonrpc?: JSONRPCVersion;
  /** The request's, or `null` where it could not be read from what was sent. */
  id: RequestId | null;
  /** What went wrong. */
  error: JSONRPCErrorError;
};
