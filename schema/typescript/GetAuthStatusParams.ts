// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** What to tell of the sign-in. */
export type GetAuthStatusParams = {
  /** Whether to give the token itself. */
  includeToken?: boolean | null;
  /** Whether to get a new access token first. */
  refreshToken?: boolean | null;
};
