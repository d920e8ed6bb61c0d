// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Which reset to make. */
export type ConsumeAccountRateLimitResetCreditParams = {
  /**
   * Names one reset. Should be a UUID, made once for each reset that a person asks for, and used
   * again for every retry of that same reset. Must not be empty.
   */
  idempotencyKey: string;
  /**
   * The credit to spend, by its `id`; absent or `null` lets the service choose. Must not be empty.
   */
  creditId?: string | null;
};
