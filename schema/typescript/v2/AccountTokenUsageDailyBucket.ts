// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** One day's usage. */
export type AccountTokenUsageDailyBucket = {
  /** The day, `YYYY-MM-DD`, as the service gives it. */
  startDate: string;
  /** Tokens used on that day. */
  tokens: number;
};
