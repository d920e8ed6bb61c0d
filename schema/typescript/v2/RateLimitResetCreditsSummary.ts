// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { RateLimitResetCredit } from "./RateLimitResetCredit";

/** The reset credits of the account. */
export type RateLimitResetCreditsSummary = {
  /** How many can be spent. */
  availableCount: number;
  /**
   * Each credit; the service may list fewer than it counts. `null` means that the list was not
   * asked for or could not be had, `[]` that it is empty.
   */
  credits: Array<RateLimitResetCredit> | null;
};
