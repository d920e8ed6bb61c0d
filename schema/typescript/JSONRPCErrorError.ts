// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { ErrorData } from "./ErrorData";

/** What went wrong. */
export type JSONRPCErrorError = {
  /** The error's number, by dialect. */
  code: number;
  /** A sentence for people. */
  message: string;
  /** What a program needs to act on it. */
  data: ErrorData;
};
