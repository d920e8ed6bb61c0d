// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { AccountUpdateReason } from "./AccountUpdateReason";
import type { AuthMode } from "../AuthMode";
import type { PlanType } from "../PlanType";

/** Who is signed in has changed. */
export type AccountUpdatedNotification = {
  /** How the user is signed in now, or `null` if nobody is. */
  authMode: AuthMode | null;
  /** The account's plan, or `null` if it is not known. */
  planType: PlanType | null;
  /** Always `null`: the sign-in itself has changed. */
  reason: AccountUpdateReason | null;
};
