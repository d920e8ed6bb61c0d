// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { JsonValue } from "./serde_json/JsonValue";

/** What the client can do or wants. Members that are not listed here are ignored. */
export type InitializeCapabilities = {
  /** Accepted for compatibility; nothing here depends on it. */
  experimentalApi?: boolean;
  /** Accepted for compatibility; this server asks for no attestation. */
  requestAttestation?: boolean;
  /** Accepted for compatibility; this server asks for no approvals. */
  requiredHumanApproval?: boolean;
  /** Accepted for compatibility; this server has no gateway. */
  explicitGatewayOauth?: boolean;
  /** Accepted for compatibility; this server runs no MCP servers. */
  mcpServerOpenaiFormElicitation?: boolean;
  /** Exact names of notifications that this connection does not want. */
  optOutNotificationMethods?: Array<string> | null;
  /** Accepted for compatibility: settings of MCP extensions, by name. */
  extensions?: { [key in string]?: JsonValue } | null;
};
