// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Bought credits. */
export type CreditsSnapshot = {
  /** Whether there are credits to use. */
  hasCredits: boolean;
  /** Whether credits are not counted. */
  unlimited: boolean;
  /** Credits left, a decimal number as a string, or `null` if unknown. */
  balance: string | null;
  /**
   * `true` where the service says that no more credits may be spent now; left out otherwise. An
   * extension.
   */
  overageLimitReached?: boolean;
};
