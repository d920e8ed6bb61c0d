// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Which models to list. */
export type ModelListParams = {
  /** Whose models count. */
  modelProvider?: string | null;
  /** Where an earlier answer ended. */
  cursor?: string | null;
  /** How many at most. */
  limit?: number | null;
  /** Whether models count that are not shown at first. */
  includeHidden?: boolean | null;
};
