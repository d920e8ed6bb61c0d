// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { ThreadUsageBreakdownGroup } from "./ThreadUsageBreakdownGroup";

/** What one thread has cost. */
export type ThreadUsage = {
  /** The thread's UUID. */
  threadId: string;
  /** Estimated cost in millionths of a credit. */
  estimatedUsageCreditsMicros: number;
  /** The same in millionths of a US dollar, or `null`. */
  estimatedUsageUsdMicros: number | null;
  /**
   * Usage billed in dollars rather than credits, in millionths of a US dollar; `null` means
   * unknown, not zero.
   */
  nativeUsageUsdMicros: number | null;
  /** The same by model, reasoning effort and speed. */
  groups: Array<ThreadUsageBreakdownGroup>;
};
