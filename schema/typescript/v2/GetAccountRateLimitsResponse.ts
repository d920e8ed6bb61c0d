// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { JsonValue } from "../serde_json/JsonValue";
import type { RateLimitResetCreditsSummary } from "./RateLimitResetCreditsSummary";
import type { RateLimitSnapshot } from "./RateLimitSnapshot";

/** How much of the allowance is left. */
export type GetAccountRateLimitsResponse = {
  /**
   * Whether the service lets this account use its plan now. `null` where the answer is not known to
   * be about the signed-in user; do not infer it from percentages.
   */
  ordinaryUsageAllowed: boolean | null;
  /** The ordinary bucket, `codex`, for clients that show one. */
  rateLimits: RateLimitSnapshot;
  /** Every bucket, by `limitId`. */
  rateLimitsByLimitId: { [key in string]?: RateLimitSnapshot } | null;
  /** The reset credits, or `null` if nothing is known of them. */
  rateLimitResetCredits: RateLimitResetCreditsSummary | null;
  /** The account that the answer is about, or `null` if the service did not say. */
  accountId: string | null;
  /** The service's banner about limits, as it sent it, or `null`. */
  rateLimitUpsell: JsonValue;
};
