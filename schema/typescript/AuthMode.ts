// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/**
 * How the user is signed in. This server gives `apikey`, `chatgpt`, `chatgptAuthTokens`,
 * `agentIdentity` and `personalAccessToken`; the others are the reference's.
 */
export type AuthMode =
  /** With an API key. */
  | "apikey"
  /** With a ChatGPT account. */
  | "chatgpt"
  /** With ChatGPT tokens that a client brought and keeps fresh. */
  | "chatgptAuthTokens"
  /** With request headers that stand for a sign-in. */
  | "headers"
  /** As a registered agent, with its own key. */
  | "agentIdentity"
  /** With a personal access token. */
  | "personalAccessToken"
  /** With an API key of Amazon Bedrock. */
  | "bedrockApiKey"
  /** With AWS access keys, for Bedrock. */
  | "bedrockAccessKeys";
