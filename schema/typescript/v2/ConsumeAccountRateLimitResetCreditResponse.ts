// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { ConsumeAccountRateLimitResetCreditOutcome } from "./ConsumeAccountRateLimitResetCreditOutcome";

/** What became of the redemption. */
export type ConsumeAccountRateLimitResetCreditResponse = {
  /** What became of the redemption. */
  outcome: ConsumeAccountRateLimitResetCreditOutcome;
};
