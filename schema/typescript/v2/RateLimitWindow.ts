// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** One usage window. */
export type RateLimitWindow = {
  /** Used part of the window, in percent; over 100 where the service says so. */
  usedPercent: number;
  /** Length of the window in minutes, rounded up, or `null` if unknown. */
  windowDurationMins: number | null;
  /** When the window starts afresh, Unix time in seconds, or `null` if unknown. */
  resetsAt: number | null;
};
