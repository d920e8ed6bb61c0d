// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Whose usage to read. */
export type GetAccountTokenUsageParams = {
  /** A thread's UUID, to read that thread; absent or `null` for the whole account. */
  threadId?: string | null;
};
