// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { ChatgptAuthTokensRefreshReason } from "./ChatgptAuthTokensRefreshReason";

/** Which tokens are asked for, and why. */
export type ChatgptAuthTokensRefreshParams = {
  /** Why. */
  reason: ChatgptAuthTokensRefreshReason;
  /** The account that the refused tokens are for. */
  previousAccountId?: string | null;
};
