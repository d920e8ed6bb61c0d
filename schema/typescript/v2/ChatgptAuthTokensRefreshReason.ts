// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Why new tokens are asked for. */
export type ChatgptAuthTokensRefreshReason =
  /** The service refused the tokens. */
  | "unauthorized";
