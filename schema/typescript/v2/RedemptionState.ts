// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** How far a redemption has come. An extension. */
export type RedemptionState =
  /** The service is being asked right now. */
  | "pending"
  /**
   * The service was asked and its answer was lost: a credit may have been spent. Consume again with
   * the same key to find out; that spends no second one.
   */
  | "unknown"
  /** It is known what became of it; see `outcome`. */
  | "settled";
