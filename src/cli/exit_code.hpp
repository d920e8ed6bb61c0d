// What the commands for people end with, for scripts to branch on; docs/operations.md has the table.
#pragma once

namespace quotad::cli {

enum ExitCode : int {
  kFine = 0,
  kFailed = 1,
  kUsage = 2,
  kNotSignedIn = 3,
  kLimitReached = 4,
  kOutcomeUnknown = 5,
  kInterrupted = 130,  // 128 and SIGINT, as shells have it
};

}  // namespace quotad::cli
