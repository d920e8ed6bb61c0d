// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

/** The plan of the account, by the service's own name. */
export type PlanType =
  /** Free. */
  | "free"
  /** Go. */
  | "go"
  /** Plus. */
  | "plus"
  /** Pro. */
  | "pro"
  /** Pro, the smaller size. */
  | "prolite"
  /** Pro, the larger size. */
  | "promax"
  /** Team. */
  | "team"
  /** Business bought without a contract, smaller Pro seats. */
  | "self_serve_business_prolite"
  /** Business bought without a contract, billed by usage. */
  | "self_serve_business_usage_based"
  /** Business. */
  | "business"
  /** Enterprise, the 2026 contract. */
  | "ent26"
  /** Enterprise with credit-based pricing, for automation. */
  | "enterprise_cbp_automation"
  /** Enterprise with credit-based pricing, billed by usage. */
  | "enterprise_cbp_usage_based"
  /** Enterprise. */
  | "enterprise"
  /** Education; also what the service calls `education`. */
  | "edu"
  /** Education with Plus. */
  | "edu_plus"
  /** Education with Pro. */
  | "edu_pro"
  /** Science. */
  | "sci"
  /** Science with Plus. */
  | "sci_plus"
  /** A plan that this version does not know by name. */
  | "unknown";
