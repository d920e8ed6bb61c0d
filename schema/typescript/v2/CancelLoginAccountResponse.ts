// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { CancelLoginAccountStatus } from "./CancelLoginAccountStatus";

/** What became of the attempt to sign in. */
export type CancelLoginAccountResponse = {
  /** Always `notFound`: this server begins no attempt that could be given up. */
  status: CancelLoginAccountStatus;
};
