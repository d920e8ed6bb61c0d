// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Whether a reset credit can still be spent. */
export type RateLimitResetCreditStatus =
  /** It can be spent. */
  | "available"
  /** It is being spent right now. */
  | "redeeming"
  /** It has been spent. */
  | "redeemed"
  /** A state this version does not know. */
  | "unknown";
