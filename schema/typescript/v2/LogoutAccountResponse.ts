// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Nobody is signed in any more. */
export type LogoutAccountResponse = Record<string, never>;
