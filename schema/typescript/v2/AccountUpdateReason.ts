// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Why clients are told of the account though the sign-in is the same. Not given by this server. */
export type AccountUpdateReason =
  /** It is known where the workspace is served. */
  | "workspaceRoutingReady"
  /** A reason of a later version. */
  | "unknown";
