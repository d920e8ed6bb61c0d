// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { ClientInfo } from "./ClientInfo";
import type { InitializeCapabilities } from "./InitializeCapabilities";

/** Opens a connection. */
export type InitializeParams = {
  /** Who is asking. */
  clientInfo: ClientInfo;
  /** What the client can do. */
  capabilities?: InitializeCapabilities | null;
};
