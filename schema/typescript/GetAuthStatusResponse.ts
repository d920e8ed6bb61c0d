// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { AuthMode } from "./AuthMode";

/** How the user is signed in. */
export type GetAuthStatusResponse = {
  /** How, or `null` if nobody is signed in. */
  authMethod: AuthMode | null;
  /** The access token or API key, or `null` unless `includeToken` asked for it. */
  authToken: string | null;
  /** Always true: the calls of this server need a ChatGPT sign-in. */
  requiresOpenaiAuth: boolean;
};
