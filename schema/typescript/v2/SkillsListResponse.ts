// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { JsonValue } from "../serde_json/JsonValue";

/** The skills that there are. */
export type SkillsListResponse = {
  /** Always empty. */
  data: Array<JsonValue>;
};
