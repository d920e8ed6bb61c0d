// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Which attempt to sign in is given up. */
export type CancelLoginAccountParams = {
  /** The attempt's id, a UUID, as `account/login/start` gave it. */
  loginId: string;
};
