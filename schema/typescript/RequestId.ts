// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Names a request of a connection; the answer carries it. A string or a 64-bit integer. */
export type RequestId =
  | number
  | string;
