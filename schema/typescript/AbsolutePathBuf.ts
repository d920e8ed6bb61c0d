// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** An absolute path of the machine the server runs on. */
export type AbsolutePathBuf = string;
