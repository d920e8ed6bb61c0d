// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { DesktopOnboardingEntrypoint } from "./DesktopOnboardingEntrypoint";

/** A sign-in is over. */
export type AccountLoginCompletedNotification = {
  /** Which attempt; `null` for tokens that a client brought. */
  loginId: string | null;
  /** Whether somebody is signed in now. */
  success: boolean;
  /** Why not, or `null`. */
  error: string | null;
  /** Always `null`. */
  onboardingEntrypoint: DesktopOnboardingEntrypoint | null;
};
