// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { CreditsSnapshot } from "./CreditsSnapshot";
import type { PlanType } from "../PlanType";
import type { RateLimitReachedType } from "./RateLimitReachedType";
import type { RateLimitWindow } from "./RateLimitWindow";
import type { SpendControlLimitSnapshot } from "./SpendControlLimitSnapshot";

/** One bucket of usage that is limited on its own. */
export type RateLimitSnapshot = {
  /** Name of the bucket for programs; `codex` is the ordinary one. */
  limitId: string | null;
  /** Name of the bucket for people, or `null`. */
  limitName: string | null;
  /** The ordinary model that this bucket stands in for, or `null`. */
  normalModelSlug: string | null;
  /** The shorter window, or `null` if there is none. */
  primary: RateLimitWindow | null;
  /** The longer window, or `null` if there is none. */
  secondary: RateLimitWindow | null;
  /** Bought credits, or `null` if unknown. */
  credits: CreditsSnapshot | null;
  /** This member's spending limit, or `null` if none is set. */
  individualLimit: SpendControlLimitSnapshot | null;
  /** Whether a spending limit stops the account, or `null` if unknown. */
  spendControlReached: boolean | null;
  /** The account's plan, or `null`. */
  planType: PlanType | null;
  /** Which limit stops the account, or `null` if none does or it is not known. */
  rateLimitReachedType: RateLimitReachedType | null;
  /**
   * `true` where the service says that this bucket is used up or must not be used now, whatever its
   * windows show; left out otherwise. An extension.
   */
  limitReached?: boolean;
};
