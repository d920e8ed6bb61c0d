// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Which redemptions to list. An extension. */
export type ListAccountRateLimitResetCreditParams = {
  /** How many to give at most, 1 to 200; 50 if absent. */
  limit?: number | null;
  /** The `nextCursor` of the list that this one goes on from. */
  cursor?: string | null;
};
