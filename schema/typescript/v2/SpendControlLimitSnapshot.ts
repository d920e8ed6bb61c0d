// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** The spending limit set for this member. */
export type SpendControlLimitSnapshot = {
  /** The limit in credits, a decimal number as a string. */
  limit: string;
  /** Credits used of it, a decimal number as a string. */
  used: string;
  /** What is left of it, in percent. */
  remainingPercent: number;
  /** When it starts afresh, Unix time in seconds. */
  resetsAt: number;
};
