// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** What became of an attempt to sign in. */
export type CancelLoginAccountStatus =
  /** It was given up. Not given by this server. */
  | "canceled"
  /** No such attempt is under way. */
  | "notFound";
