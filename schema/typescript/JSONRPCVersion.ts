// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** The version of JSON-RPC that a message speaks. */
export type JSONRPCVersion =
  /** JSON-RPC 2.0. */
  | "2.0";
