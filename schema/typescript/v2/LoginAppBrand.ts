// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Whose name the sign-in page shows. */
export type LoginAppBrand =
  /** Codex. */
  | "codex"
  /** ChatGPT. */
  | "chatgpt";
