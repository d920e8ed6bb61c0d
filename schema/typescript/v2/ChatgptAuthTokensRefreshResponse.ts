// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** New tokens, in place of those that were refused. */
export type ChatgptAuthTokensRefreshResponse = {
  /** Access token for the service. */
  accessToken: string;
  /** The account that it is for. */
  chatgptAccountId: string;
  /** The account's plan, or `null` for what the token says. */
  chatgptPlanType: string | null;
};
