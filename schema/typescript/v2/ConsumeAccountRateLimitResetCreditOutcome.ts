// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** What became of the redemption. */
export type ConsumeAccountRateLimitResetCreditOutcome =
  /** A credit was spent and the usage windows start afresh. */
  | "reset"
  /** No usage window needs a reset now; no credit was spent. */
  | "nothingToReset"
  /** There is no credit to spend; none was spent. */
  | "noCredit"
  /** This idempotency key has spent its credit before; no other one was spent. */
  | "alreadyRedeemed";
