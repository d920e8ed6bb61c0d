// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { JsonValue } from "../serde_json/JsonValue";

/** The models that there are. */
export type ModelListResponse = {
  /** Always empty. */
  data: Array<JsonValue>;
  /** Always `null`: there is nothing more. */
  nextCursor: string | null;
};
