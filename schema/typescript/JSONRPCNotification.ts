// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { JSONRPCVersion } from "./JSONRPCVersion";
import type { JsonValue } from "./serde_json/JsonValue";

/** A message that is not answered. */
export type JSONRPCNotification = {
  /** Chooses the standard's dialect, with the standard's error codes; absent, the reference's. */
  jsonrpc?: JSONRPCVersion;
  /** What has happened. */
  method: string;
  /** More about it. */
  params?: JsonValue;
};
