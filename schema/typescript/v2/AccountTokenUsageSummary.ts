// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Totals of the account; each is `null` where the service does not say. */
export type AccountTokenUsageSummary = {
  /** Tokens used since the account began, or `null`. */
  lifetimeTokens: number | null;
  /** Tokens used on the busiest day, or `null`. */
  peakDailyTokens: number | null;
  /** Length of the longest turn in seconds, or `null`. */
  longestRunningTurnSec: number | null;
  /** Days in a row with usage, up to now, or `null`. */
  currentStreakDays: number | null;
  /** The most days in a row with usage, or `null`. */
  longestStreakDays: number | null;
};
