// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** A place in a distributed trace. */
export type W3cTraceContext = {
  /** The header `traceparent`. */
  traceparent: string | null;
  /** The header `tracestate`. */
  tracestate: string | null;
};
