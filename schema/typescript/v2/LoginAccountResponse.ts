// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** How the sign-in goes on; `type` is that of the params. */
export type LoginAccountResponse =
  /** Not given by this server. */
  | {
    type: "apiKey";
  }
  /** Not given by this server. */
  | {
    type: "chatgpt";
    /** Tells this attempt from others. */
    loginId: string;
    /** The page to open. */
    authUrl: string;
  }
  /** Not given by this server. */
  | {
    type: "chatgptDeviceCode";
    /** Tells this attempt from others. */
    loginId: string;
    /** The page to open. */
    verificationUrl: string;
    /** The code to type in there. */
    userCode: string;
  }
  /** The tokens are in use. `account/login/completed` and `account/updated` follow. */
  | {
    type: "chatgptAuthTokens";
  }
  /** Not given by this server. */
  | {
    type: "amazonBedrock";
  };
