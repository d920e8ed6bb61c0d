// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Where a new user begins. Not given by this server. */
export type DesktopOnboardingEntrypoint =
  /** Life sciences. */
  | "life_sciences";
