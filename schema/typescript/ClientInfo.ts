// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** Who is asking. */
export type ClientInfo = {
  /** Short name of the client, for example `my-statusbar`. */
  name: string;
  /** Name of the client as people know it. */
  title?: string | null;
  /** Version of the client. */
  version: string;
};
