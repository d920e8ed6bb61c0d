// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { WorkspaceMessage } from "./WorkspaceMessage";

/** The messages of a workspace. */
export type GetWorkspaceMessagesResponse = {
  /** Always false: this server does not ask for messages. */
  featureEnabled: boolean;
  /** Always empty. */
  messages: Array<WorkspaceMessage>;
};
