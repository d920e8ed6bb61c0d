// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { Redemption } from "./Redemption";

/** Redemptions of the account, newest first. An extension. */
export type ListAccountRateLimitResetCreditResponse = {
  /** At most `limit` of them. */
  redemptions: Array<Redemption>;
  /** Where to go on, or `null` at the end. */
  nextCursor: string | null;
};
