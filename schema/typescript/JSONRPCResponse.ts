// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { JSONRPCVersion } from "./JSONRPCVersion";
import type { JsonValue } from "./serde_json/JsonValue";
import type { RequestId } from "./RequestId";

/** The answer to a request that went well. */
export type JSONRPCResponse = {
  /** As in the request. */
  jsonrpc?: JSONRPCVersion;
  /** The request's. */
  id: RequestId;
  /** What the method gives. */
  result: JsonValue;
};
