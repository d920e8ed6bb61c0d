// Says of a case whether quotad is the same as the reference, or better, or different.
#pragma once

#include <optional>
#include <string>

#include "conformance/case.hpp"
#include "conformance/subject.hpp"

namespace quotad::conformance {

struct Verdict {
  enum class Kind { kSame, kBetter, kDifferent };
  Kind kind = Kind::kDifferent;
  std::optional<Rule> rule;  // of kBetter
  std::string why;           // of kDifferent
};

// `sane` is what the reference did in the case that test.sane_case names, where it names one.
Verdict judge(const Case& test, const Observation& reference, const Observation& quotad,
              const Observation* sane);

// The name of a rule, as docs/compatibility.md has it.
const char* name_of(Rule rule);

}  // namespace quotad::conformance
