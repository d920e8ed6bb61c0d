// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

export type { AbsolutePathBuf } from "./AbsolutePathBuf";
export type { AuthMode } from "./AuthMode";
export type { ClientInfo } from "./ClientInfo";
export type { ClientNotification } from "./ClientNotification";
export type { ClientRequest } from "./ClientRequest";
export type { ErrorData } from "./ErrorData";
export type { ErrorKind } from "./ErrorKind";
export type { GetAuthStatusParams } from "./GetAuthStatusParams";
export type { GetAuthStatusResponse } from "./GetAuthStatusResponse";
export type { InitializeCapabilities } from "./InitializeCapabilities";
export type { InitializeParams } from "./InitializeParams";
export type { InitializeResponse } from "./InitializeResponse";
export type { JSONRPCError } from "./JSONRPCError";
export type { JSONRPCErrorError } from "./JSONRPCErrorError";
export type { JSONRPCMessage } from "./JSONRPCMessage";
export type { JSONRPCNotification } from "./JSONRPCNotification";
export type { JSONRPCRequest } from "./JSONRPCRequest";
export type { JSONRPCResponse } from "./JSONRPCResponse";
export type { JSONRPCVersion } from "./JSONRPCVersion";
export type { Method, MethodMap, MethodParams, MethodResult, RequestFunction } from "./MethodMap";
export type { PlanType } from "./PlanType";
export type { RequestId } from "./RequestId";
export type { ServerNotification } from "./ServerNotification";
export type { ServerNotificationEnvelope } from "./ServerNotificationEnvelope";
export type { ServerRequest } from "./ServerRequest";
export type { W3cTraceContext } from "./W3cTraceContext";
export * as v2 from "./v2";
