// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { RateLimitResetCreditStatus } from "./RateLimitResetCreditStatus";
import type { RateLimitResetType } from "./RateLimitResetType";

/** One earned right to reset the usage windows, once. */
export type RateLimitResetCredit = {
  /** The service's name for it; pass it as creditId. */
  id: string;
  /** What it resets. */
  resetType: RateLimitResetType;
  /** Whether it can still be spent. */
  status: RateLimitResetCreditStatus;
  /** When it was granted, Unix time in seconds. */
  grantedAt: number;
  /**
   * When it lapses, Unix time in seconds, or `null` if it does not, or if `expiryUnknown` is there.
   */
  expiresAt: number | null;
  /**
   * `true` where the service gave a time to lapse that cannot be read; left out otherwise. An
   * extension.
   */
  expiryUnknown?: boolean;
  /** The service's title for it, or `null`. */
  title: string | null;
  /** The service's sentence about it, or `null`. */
  description: string | null;
};
