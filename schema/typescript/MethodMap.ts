// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { CancelLoginAccountParams } from "./v2/CancelLoginAccountParams";
import type { CancelLoginAccountResponse } from "./v2/CancelLoginAccountResponse";
import type { ConsumeAccountRateLimitResetCreditParams } from "./v2/ConsumeAccountRateLimitResetCreditParams";
import type { ConsumeAccountRateLimitResetCreditResponse } from "./v2/ConsumeAccountRateLimitResetCreditResponse";
import type { GetAccountParams } from "./v2/GetAccountParams";
import type { GetAccountRateLimitsParams } from "./v2/GetAccountRateLimitsParams";
import type { GetAccountRateLimitsResponse } from "./v2/GetAccountRateLimitsResponse";
import type { GetAccountResponse } from "./v2/GetAccountResponse";
import type { GetAccountTokenUsageParams } from "./v2/GetAccountTokenUsageParams";
import type { GetAccountTokenUsageResponse } from "./v2/GetAccountTokenUsageResponse";
import type { GetAuthStatusParams } from "./GetAuthStatusParams";
import type { GetAuthStatusResponse } from "./GetAuthStatusResponse";
import type { GetWorkspaceMessagesResponse } from "./v2/GetWorkspaceMessagesResponse";
import type { InitializeParams } from "./InitializeParams";
import type { InitializeResponse } from "./InitializeResponse";
import type { JsonValue } from "./serde_json/JsonValue";
import type { ListAccountRateLimitResetCreditParams } from "./v2/ListAccountRateLimitResetCreditParams";
import type { ListAccountRateLimitResetCreditResponse } from "./v2/ListAccountRateLimitResetCreditResponse";
import type { LoginAccountParams } from "./v2/LoginAccountParams";
import type { LoginAccountResponse } from "./v2/LoginAccountResponse";
import type { LogoutAccountResponse } from "./v2/LogoutAccountResponse";
import type { ModelListParams } from "./v2/ModelListParams";
import type { ModelListResponse } from "./v2/ModelListResponse";
import type { SkillsListParams } from "./v2/SkillsListParams";
import type { SkillsListResponse } from "./v2/SkillsListResponse";

/** The params and the result of each method. */
export type MethodMap = {
  /** Opens the connection. Must be the first request, and is sent once. */
  "initialize": { params: InitializeParams; result: InitializeResponse };
  /**
   * Tells who is signed in, from the credentials alone. Asks the network only to renew tokens, if
   * `refreshToken` says so, and once whose personal access token it is.
   */
  "account/read": { params: GetAccountParams; result: GetAccountResponse };
  /**
   * Signs this server in with tokens that the client brings. They are kept in memory only; when the
   * service refuses them, the client that brought them is asked for new ones with
   * `account/chatgptAuthTokens/refresh`.
   */
  "account/login/start": { params: LoginAccountParams; result: LoginAccountResponse };
  /**
   * Gives up an attempt to sign in. This server begins none, and so finds none; it is here for
   * clients that tidy up without asking first.
   */
  "account/login/cancel": { params: CancelLoginAccountParams; result: CancelLoginAccountResponse };
  /**
   * Signs this server out until `account/login/start` or its end: tokens that a client brought are
   * dropped. `auth.json` is left as it is, because other programs share it.
   */
  "account/logout": { params?: null; result: LogoutAccountResponse };
  /**
   * Tells how the user is signed in, from the credentials alone. Asks the network only to renew
   * tokens, if `refreshToken` says so, and once whose personal access token it is.
   */
  "getAuthStatus": { params: GetAuthStatusParams; result: GetAuthStatusResponse };
  /** Reads how much of the allowance is left, with credits, spending limits and reset credits. */
  "account/rateLimits/read": { params?: GetAccountRateLimitsParams | null; result: GetAccountRateLimitsResponse };
  /** Reads the account's token usage, or, with `threadId`, what one thread has cost. */
  "account/usage/read": { params?: GetAccountTokenUsageParams | null; result: GetAccountTokenUsageResponse };
  /** Spends one reset credit. Scarce and final: make the key once, keep it, and retry with it. */
  "account/rateLimitResetCredit/consume": { params: ConsumeAccountRateLimitResetCreditParams; result: ConsumeAccountRateLimitResetCreditResponse };
  /**
   * Lists the account's redemptions, newest first, from the record that is kept on this machine. An
   * extension: the reference has no such method.
   */
  "account/rateLimitResetCredit/list": { params?: ListAccountRateLimitResetCreditParams | null; result: ListAccountRateLimitResetCreditResponse };
  /** Tells that there are no messages of the workspace: this server does not ask for them. */
  "account/workspaceMessages/read": { params?: null; result: GetWorkspaceMessagesResponse };
  /** Lists no skills: this server runs none. It is here for clients that ask at their start. */
  "skills/list": { params: SkillsListParams; result: SkillsListResponse };
  /** Lists no models: this server runs none. It is here for clients that ask at their start. */
  "model/list": { params: ModelListParams; result: ModelListResponse };
  /** Gives the OpenRPC document of this server. May be asked before `initialize`. */
  "rpc.discover": { params?: null; result: JsonValue };
};

/** The name of a method. */
export type Method = keyof MethodMap;

/** What a method takes. */
export type MethodParams<M extends Method> = MethodMap[M]["params"];

/** What a method gives. */
export type MethodResult<M extends Method> = MethodMap[M]["result"];

/**
 * A function that asks the server. Params come second, and may be left out where the method can do
 * without.
 */
export type RequestFunction = <M extends Method>(
  method: M,
  ...params: undefined extends MethodParams<M>
    ? [params?: MethodParams<M>]
    : [params: MethodParams<M>]
) => Promise<MethodResult<M>>;
