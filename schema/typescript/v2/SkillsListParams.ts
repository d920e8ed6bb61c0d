// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Which skills to list. */
export type SkillsListParams = {
  /** Folders whose skills count. */
  cwds?: Array<string>;
  /** Whether to look at the disk anew. */
  forceReload?: boolean;
};
