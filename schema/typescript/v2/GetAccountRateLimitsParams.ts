// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** What to leave out of the reading, or to add. */
export type GetAccountRateLimitsParams = {
  /** Tells the service that the client can show the Luna reserve. */
  supportsLunaReserve?: boolean;
  /**
   * Skips the second call that lists each reset credit; the count is still given. For clients that
   * poll: the service limits that call tightly.
   */
  excludeResetCreditDetails?: boolean;
};
