// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { Account } from "./Account";

/** Who is signed in. */
export type GetAccountResponse = {
  /** The account, or `null` if nobody is signed in. */
  account: Account | null;
  /** The user's id at ChatGPT, or `null`. */
  userId: string | null;
  /** Always true: the calls of this server need a ChatGPT sign-in. */
  requiresOpenaiAuth: boolean;
};
