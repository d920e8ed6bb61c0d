// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** The part of a thread's usage with one model, reasoning effort and speed. */
export type ThreadUsageBreakdownGroup = {
  /** The model, or `null`. */
  model: string | null;
  /** The reasoning effort, or `null`. */
  reasoningEffort: string | null;
  /** The speed tier, or `null`. */
  speed: string | null;
  /** Estimated cost in millionths of a credit. */
  estimatedUsageCreditsMicros: number;
  /** Input tokens that were not in the cache, or `null`. */
  netNewInputTokens: number | null;
  /** Input tokens that were in the cache, or `null`. */
  cachedInputTokens: number | null;
  /** All input tokens, or `null`. */
  inputTokens: number | null;
  /** Output tokens, or `null`. */
  outputTokens: number | null;
  /** All tokens, or `null`. */
  totalTokens: number | null;
};
