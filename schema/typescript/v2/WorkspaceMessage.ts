// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.
import type { WorkspaceMessageType } from "./WorkspaceMessageType";

/** What a workspace tells its members. */
export type WorkspaceMessage = {
  /** Tells this message from others. */
  messageId: string;
  /** How it is meant. */
  messageType: WorkspaceMessageType;
  /** Its text. */
  messageBody: string;
  /** When it was written, Unix time in seconds, or `null`. */
  createdAt: number | null;
  /** When it was put away, Unix time in seconds, or `null`. */
  archivedAt: number | null;
};
