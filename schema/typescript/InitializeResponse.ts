// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { AbsolutePathBuf } from "./AbsolutePathBuf";

/** What the client is talking to. */
export type InitializeResponse = {
  /**
   * The client's name, the protocol version, the operating system, and the server with its version.
   */
  userAgent: string;
  /** Absolute path of the folder that holds `auth.json` and `config.toml`. */
  codexHome: AbsolutePathBuf;
  /** Always `unix`. */
  platformFamily: string;
  /** Always `linux`. */
  platformOs: string;
};
