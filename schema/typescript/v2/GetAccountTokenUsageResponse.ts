// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { AccountTokenUsageDailyBucket } from "./AccountTokenUsageDailyBucket";
import type { AccountTokenUsageSummary } from "./AccountTokenUsageSummary";
import type { ThreadUsage } from "./ThreadUsage";

/** Tokens used by the account, or the cost of a thread. */
export type GetAccountTokenUsageResponse = {
  /** Totals of the account; all `null` when a thread was asked for. */
  summary: AccountTokenUsageSummary;
  /** Usage by day, or `null` if unknown or when a thread was asked for. */
  dailyUsageBuckets: Array<AccountTokenUsageDailyBucket> | null;
  /**
   * Cost of the thread that was asked for; `null` if none was, or if the service does not bill it
   * to this account.
   */
  threadUsage: ThreadUsage | null;
  /**
   * The day or time that the totals and days are as of, as the service gives it; UTC where it names
   * no zone. Left out where it does not say. An extension.
   */
  statsAsOf?: string;
  /**
   * Why the service could not make the totals and days, in its words; left out where it could. An
   * extension.
   */
  statsError?: string;
};
