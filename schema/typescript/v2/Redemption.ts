// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { ConsumeAccountRateLimitResetCreditOutcome } from "./ConsumeAccountRateLimitResetCreditOutcome";
import type { RedemptionState } from "./RedemptionState";

/** What was asked for under one idempotency key. An extension. */
export type Redemption = {
  /** The key. */
  idempotencyKey: string;
  /** The credit that the key is bound to, or `null` if the service was to choose. */
  creditId: string | null;
  /** How far it has come. */
  state: RedemptionState;
  /**
   * What the service said last; `null` before it has, and where it refused or could not be reached,
   * and so spent nothing.
   */
  outcome: ConsumeAccountRateLimitResetCreditOutcome | null;
  /**
   * How many times quotad set out to ask the service, with those that got no connection or that a
   * pause of the service held back.
   */
  attempts: number;
  /** When the key was first used, Unix time in seconds. */
  createdAt: number;
  /** When the last of this was written, Unix time in seconds. */
  updatedAt: number;
};
