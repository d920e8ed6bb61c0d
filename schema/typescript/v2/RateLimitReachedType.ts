// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Which limit stops the account. */
export type RateLimitReachedType =
  /** A usage window of the plan is full. */
  | "rate_limit_reached"
  /** The workspace has no credits left; this account owns it and can buy more. */
  | "workspace_owner_credits_depleted"
  /** The workspace has no credits left; its owner can buy more. */
  | "workspace_member_credits_depleted"
  /** The workspace's spending limit is reached; this account owns it and can raise it. */
  | "workspace_owner_usage_limit_reached"
  /** The workspace's spending limit is reached; its owner can raise it. */
  | "workspace_member_usage_limit_reached";
