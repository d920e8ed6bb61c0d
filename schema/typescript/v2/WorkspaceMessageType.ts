// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** How a workspace's message is meant. */
export type WorkspaceMessageType =
  /** A line at the top. */
  | "headline"
  /** An announcement. */
  | "announcement"
  /** In a way of a later version. */
  | "unknown";
