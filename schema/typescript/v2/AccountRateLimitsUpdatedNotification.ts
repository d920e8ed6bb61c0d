// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { RateLimitSnapshot } from "./RateLimitSnapshot";

/** The usage windows have changed. */
export type AccountRateLimitsUpdatedNotification = {
  /** What is known of the bucket now; `null` members say nothing new. */
  rateLimits: RateLimitSnapshot;
};
