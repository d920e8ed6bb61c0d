// GENERATED CODE! DO NOT MODIFY BY HAND!
// Made by quotad app-server generate-ts.

export type { Account } from "./Account";
export type { AccountRateLimitsUpdatedNotification } from "./AccountRateLimitsUpdatedNotification";
export type { AccountTokenUsageDailyBucket } from "./AccountTokenUsageDailyBucket";
export type { AccountTokenUsageSummary } from "./AccountTokenUsageSummary";
export type { AccountUpdatedNotification } from "./AccountUpdatedNotification";
export type { ConsumeAccountRateLimitResetCreditOutcome } from "./ConsumeAccountRateLimitResetCreditOutcome";
export type { ConsumeAccountRateLimitResetCreditParams } from "./ConsumeAccountRateLimitResetCreditParams";
export type { ConsumeAccountRateLimitResetCreditResponse } from "./ConsumeAccountRateLimitResetCreditResponse";
export type { CreditsSnapshot } from "./CreditsSnapshot";
export type { GetAccountParams } from "./GetAccountParams";
export type { GetAccountRateLimitsParams } from "./GetAccountRateLimitsParams";
export type { GetAccountRateLimitsResponse } from "./GetAccountRateLimitsResponse";
export type { GetAccountResponse } from "./GetAccountResponse";
export type { GetAccountTokenUsageParams } from "./GetAccountTokenUsageParams";
export type { GetAccountTokenUsageResponse } from "./GetAccountTokenUsageResponse";
export type { ListAccountRateLimitResetCreditParams } from "./ListAccountRateLimitResetCreditParams";
export type { ListAccountRateLimitResetCreditResponse } from "./ListAccountRateLimitResetCreditResponse";
export type { RateLimitReachedType } from "./RateLimitReachedType";
export type { RateLimitResetCredit } from "./RateLimitResetCredit";
export type { RateLimitResetCreditStatus } from "./RateLimitResetCreditStatus";
export type { RateLimitResetCreditsSummary } from "./RateLimitResetCreditsSummary";
export type { RateLimitResetType } from "./RateLimitResetType";
export type { RateLimitSnapshot } from "./RateLimitSnapshot";
export type { RateLimitWindow } from "./RateLimitWindow";
export type { Redemption } from "./Redemption";
export type { RedemptionState } from "./RedemptionState";
export type { SpendControlLimitSnapshot } from "./SpendControlLimitSnapshot";
export type { ThreadUsage } from "./ThreadUsage";
export type { ThreadUsageBreakdownGroup } from "./ThreadUsageBreakdownGroup";
