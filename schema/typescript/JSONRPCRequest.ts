// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { JSONRPCVersion } from "./JSONRPCVersion";
import type { JsonValue } from "./serde_json/JsonValue";
import type { RequestId } from "./RequestId";
import type { W3cTraceContext } from "./W3cTraceContext";

/** A message that is answered. */
export type JSONRPCRequest = {
  /** Chooses the standard's dialect, with the standard's error codes; absent, the reference's. */
  jsonrpc?: JSONRPCVersion;
  /** Names the request; the answer carries it. */
  id: RequestId;
  /** What to do. */
  method: string;
  /** What the method needs to know. */
  params?: JsonValue;
  /** Accepted for compatibility, and ignored. */
  trace?: W3cTraceContext | null;
};
