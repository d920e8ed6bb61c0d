// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Any notification that a client may send. */
export type ClientNotification =
  /** Ends the handshake. Accepted for compatibility; requests are served without it. */
  | { method: "initialized" };
