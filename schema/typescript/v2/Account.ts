// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { PlanType } from "../PlanType";

/** Who is signed in; `type` tells the kind. */
export type Account =
  /** Signed in with an API key, which has no allowance to read. */
  | {
    type: "apiKey";
  }
  /** Signed in with a ChatGPT account. */
  | {
    type: "chatgpt";
    /** E-mail address of the user, or `null`. */
    email: string | null;
    /** The account's plan. */
    planType: PlanType;
    /** Name of the workspace, or `null` if unknown. */
    workspaceName: string | null;
  }
  /** Amazon Bedrock. Not given by this server. */
  | {
    type: "amazonBedrock";
    /** Whether Codex keeps the credentials. */
    usesCodexManagedCredentials?: boolean;
  }
  /** Google Cloud Vertex AI. Not given by this server. */
  | {
    type: "gcp";
  };
