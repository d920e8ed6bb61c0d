// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { LoginAppBrand } from "./LoginAppBrand";

/** How to sign in; `type` tells the way. This server takes `chatgptAuthTokens` only. */
export type LoginAccountParams =
  /** With an API key. Refused: use `codex login`. */
  | {
    type: "apiKey";
    /** The API key. */
    apiKey: string;
  }
  /** In a browser. Refused: use `codex login`. */
  | {
    type: "chatgpt";
    /** Whether to leave out steps. */
    codexStreamlinedLogin?: boolean;
    /** Whether the service shows the last page. */
    useHostedLoginSuccessPage?: boolean;
    /** Whose name the page shows. */
    appBrand?: LoginAppBrand | null;
  }
  /** With a code on another device. Refused: use `codex login`. */
  | {
    type: "chatgptDeviceCode";
  }
  /**
   * With tokens that the client has and keeps fresh. They stay in memory, and every client of this
   * server then uses them.
   */
  | {
    type: "chatgptAuthTokens";
    /** Access token for the service. Its claims, if it is a JWT, tell e-mail address and user. */
    accessToken: string;
    /** The account that calls are made for. */
    chatgptAccountId: string;
    /** The account's plan; by default what the token says. */
    chatgptPlanType?: string | null;
  }
  /** With an API key of Amazon Bedrock. Refused. */
  | {
    type: "amazonBedrock";
    /** The API key. */
    apiKey: string;
    /** The AWS region. */
    region: string;
  }
  /** With AWS access keys, for Bedrock. Refused. */
  | {
    type: "amazonBedrockAccessKeys";
    /** Id of the access key. */
    accessKeyId: string;
    /** The secret access key. */
    secretAccessKey: string;
    /** The session's token, if there is one. */
    sessionToken?: string | null;
    /** The AWS region. */
    region: string;
  };
