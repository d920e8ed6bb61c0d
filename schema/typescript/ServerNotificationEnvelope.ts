// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { ServerNotification } from "./ServerNotification";

/** A notification as the server sends it. */
export type ServerNotificationEnvelope = {
  /**
   * When the server sent it, Unix time in milliseconds. This server always tells; earlier versions
   * did not.
   */
  emittedAtMs?: number;
} & ServerNotification;
