// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { CancelLoginAccountParams } from "./v2/CancelLoginAccountParams";
import type { ConsumeAccountRateLimitResetCreditParams } from "./v2/ConsumeAccountRateLimitResetCreditParams";
import type { GetAccountParams } from "./v2/GetAccountParams";
import type { GetAccountRateLimitsParams } from "./v2/GetAccountRateLimitsParams";
import type { GetAccountTokenUsageParams } from "./v2/GetAccountTokenUsageParams";
import type { GetAuthStatusParams } from "./GetAuthStatusParams";
import type { InitializeParams } from "./InitializeParams";
import type { JSONRPCVersion } from "./JSONRPCVersion";
import type { ListAccountRateLimitResetCreditParams } from "./v2/ListAccountRateLimitResetCreditParams";
import type { LoginAccountParams } from "./v2/LoginAccountParams";
import type { ModelListParams } from "./v2/ModelListParams";
import type { RequestId } from "./RequestId";
import type { SkillsListParams } from "./v2/SkillsListParams";

/** Any request that a client may send. */
export type ClientRequest =
  /** Opens the connection. Must be the first request, and is sent once. */
  | { jsonrpc?: JSONRPCVersion; method: "initialize"; id: RequestId; params: InitializeParams }
  /**
   * Tells who is signed in, from the credentials alone. Asks the network only to renew tokens, if
   * `refreshToken` says so, and once whose personal access token it is.
   */
  | { jsonrpc?: JSONRPCVersion; method: "account/read"; id: RequestId; params: GetAccountParams }
  /**
   * Signs this server in with tokens that the client brings. They are kept in memory only; when the
   * service refuses them, the client that brought them is asked for new ones with
   * `account/chatgptAuthTokens/refresh`.
   */
  | { jsonrpc?: JSONRPCVersion; method: "account/login/start"; id: RequestId; params: LoginAccountParams }
  /**
   * Gives up an attempt to sign in. This server begins none, and so finds none; it is here for
   * clients that tidy up without asking first.
   */
  | { jsonrpc?: JSONRPCVersion; method: "account/login/cancel"; id: RequestId; params: CancelLoginAccountParams }
  /**
   * Signs this server out until `account/login/start` or its end: tokens that a client brought are
   * dropped. `auth.json` is left as it is, because other programs share it.
   */
  | { jsonrpc?: JSONRPCVersion; method: "account/logout"; id: RequestId; params?: null }
  /**
   * Tells how the user is signed in, from the credentials alone. Asks the network only to renew
   * tokens, if `refreshToken` says so, and once whose personal access token it is.
   */
  | { jsonrpc?: JSONRPCVersion; method: "getAuthStatus"; id: RequestId; params: GetAuthStatusParams }
  /** Reads how much of the allowance is left, with credits, spending limits and reset credits. */
  | { jsonrpc?: JSONRPCVersion; method: "account/rateLimits/read"; id: RequestId; params?: GetAccountRateLimitsParams | null }
  /** Reads the account's token usage, or, with `threadId`, what one thread has cost. */
  | { jsonrpc?: JSONRPCVersion; method: "account/usage/read"; id: RequestId; params?: GetAccountTokenUsageParams | null }
  /** Spends one reset credit. Scarce and final: make the key once, keep it, and retry with it. */
  | { jsonrpc?: JSONRPCVersion; method: "account/rateLimitResetCredit/consume"; id: RequestId; params: ConsumeAccountRateLimitResetCreditParams }
  /**
   * Lists the account's redemptions, newest first, from the record that is kept on this machine. An
   * extension: the reference has no such method.
   */
  | { jsonrpc?: JSONRPCVersion; method: "account/rateLimitResetCredit/list"; id: RequestId; params?: ListAccountRateLimitResetCreditParams | null }
  /** Tells that there are no messages of the workspace: this server does not ask for them. */
  | { jsonrpc?: JSONRPCVersion; method: "account/workspaceMessages/read"; id: RequestId; params?: null }
  /** Lists no skills: this server runs none. It is here for clients that ask at their start. */
  | { jsonrpc?: JSONRPCVersion; method: "skills/list"; id: RequestId; params: SkillsListParams }
  /** Lists no models: this server runs none. It is here for clients that ask at their start. */
  | { jsonrpc?: JSONRPCVersion; method: "model/list"; id: RequestId; params: ModelListParams }
  /** Gives the OpenRPC document of this server. May be asked before `initialize`. */
  | { jsonrpc?: JSONRPCVersion; method: "rpc.discover"; id: RequestId; params?: null };
