// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** What a reset credit resets. */
export type RateLimitResetType =
  /** The Codex usage windows. */
  | "codexRateLimits"
  /** Something that this version does not know. */
  | "unknown";
