// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { AccountLoginCompletedNotification } from "./v2/AccountLoginCompletedNotification";
import type { AccountRateLimitsUpdatedNotification } from "./v2/AccountRateLimitsUpdatedNotification";
import type { AccountUpdatedNotification } from "./v2/AccountUpdatedNotification";

/** Any notification that the server may send. */
export type ServerNotification =
  /**
   * A sign-in that a client started is over. Sent to every client that is initialized and did not
   * opt out of it.
   */
  | { method: "account/login/completed"; params: AccountLoginCompletedNotification }
  /**
   * Who is signed in has changed: another account, another plan, or nobody any more. Sent to every
   * client that is initialized and did not opt out of it.
   */
  | { method: "account/updated"; params: AccountUpdatedNotification }
  /**
   * The usage windows have changed: a reset credit was spent. Sent to every client that is
   * initialized and did not opt out of it. The reference sends it while it runs turns, too.
   */
  | { method: "account/rateLimits/updated"; params: AccountRateLimitsUpdatedNotification };
