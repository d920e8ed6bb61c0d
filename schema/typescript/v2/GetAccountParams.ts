// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** How to read the account. */
export type GetAccountParams = {
  /** Whether to get a new access token first. */
  refreshToken?: boolean;
};
