// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { ChatgptAuthTokensRefreshParams } from "./v2/ChatgptAuthTokensRefreshParams";
import type { JSONRPCVersion } from "./JSONRPCVersion";
import type { RequestId } from "./RequestId";

/** Any request that the server may send. */
export type ServerRequest =
  /**
   * Asks the client that brought tokens for new ones, because the service refused them. Answer
   * within 10 seconds (`--token-request-timeout-ms`).
   */
  | { jsonrpc?: JSONRPCVersion; method: "account/chatgptAuthTokens/refresh"; id: RequestId; params: ChatgptAuthTokensRefreshParams };
