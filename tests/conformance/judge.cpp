#include "conformance/judge.hpp"

#include <algorithm>
#include <regex>

namespace quotad::conformance {
namespace {

bool is_error(const Json& answer) { return answer.is_object() && answer.contains("error"); }
bool is_result(const Json& answer) { return answer.is_object() && answer.contains("result"); }

// An answer as the reference would write it: no "jsonrpc", no data in an error.
Json stripped(Json answer) {
  if (answer.is_array()) {
    for (Json& one : answer) one = stripped(std::move(one));
    return answer;
  }
  answer.erase("jsonrpc");
  if (is_error(answer)) answer["error"].erase("data");
  return answer;
}

// Every single answer, those of a batch included.
std::vector<Json> flat(const Json& answers) {
  std::vector<Json> all;
  for (const Json& answer : answers) {
    if (answer.is_array()) {
      all.insert(all.end(), answer.begin(), answer.end());
    } else {
      all.push_back(answer);
    }
  }
  return all;
}

// What is wrong with quotad's errors by themselves; "" if nothing.
std::string fault_of_errors(const Case& test, const Observation& quotad) {
  for (const Json& answer : flat(quotad.answers)) {
    if (!is_error(answer)) continue;
    const Json data = answer["error"].value("data", Json());
    if (!data.is_object() || !data.contains("kind")) return "an error without data.kind";
    if (!test.kind.empty() && data["kind"] != test.kind) {
      return "the kind is " + data["kind"].dump() + " in place of " + test.kind;
    }
  }
  return "";
}

Json without_places(Json result, const std::vector<std::string>& places) {
  for (const std::string& place : places) {
    const std::size_t slash = place.rfind('/');
    const Json::json_pointer parent(place.substr(0, slash));
    if (!result.contains(parent)) continue;
    Json& holder = result[parent];
    const std::string last = place.substr(slash + 1);
    if (holder.is_object()) holder.erase(last);
    if (holder.is_array() && std::stoul(last) < holder.size()) holder.erase(std::stoul(last));
  }
  return result;
}

// Whether `value` says nothing (null, or an enum's own word for that), what the sane case says, or something that the odd value may
// mean; the same of everything inside.
bool is_acceptable(const Json& value, const Json& sane, const std::vector<Json>& may_be) {
  if (value.is_null() || value == "unknown" || value == sane) return true;
  if (std::find(may_be.begin(), may_be.end(), value) != may_be.end()) return true;
  if (value.is_object() && sane.is_object()) {
    return std::all_of(value.items().begin(), value.items().end(), [&](const auto& member) {
      return sane.contains(member.key()) &&
             is_acceptable(member.value(), sane[member.key()], may_be);
    });
  }
  if (value.is_array() && sane.is_array()) {  // rows may be missing, and no others be there
    return std::all_of(value.begin(), value.end(), [&](const Json& row) {
      return std::find(sane.begin(), sane.end(), row) != sane.end();
    });
  }
  return false;
}

// Whether the result is that of the sane case, but for the places that may be lost.
bool tells_as_much_as(const Json& answers, const Json& sane, const Case& test) {
  if (answers.size() != 1 || !is_result(answers[0])) return false;
  const Json result = without_places(answers[0]["result"], test.own);
  const Json& expected = sane[0]["result"];
  for (const std::string& place : test.lost) {
    const Json::json_pointer at(place);
    if (!result.contains(at)) continue;
    const Json there = expected.contains(at) ? expected[at] : Json();
    if (!is_acceptable(result[at], there, test.may_be)) return false;
  }
  return without_places(result, test.lost) == without_places(expected, test.lost);
}

// A 2.0 answer as the reference would give it, but for the words of bad params.
bool same_in_v2(const Json& ours, const Json& theirs) {
  if (!ours.is_object() || ours.value("jsonrpc", "") != "2.0") return false;
  const Json translated = stripped(ours);
  if (!is_error(translated) || !is_error(theirs)) return translated == theirs;
  return translated["id"] == theirs["id"] && translated["error"]["code"] == -32602 &&
         theirs["error"]["code"] == -32600;
}

bool names_the_method(const Json& ours, const Json& theirs) {
  if (!is_error(ours) || !is_error(theirs)) return false;
  const std::string listed = theirs["error"]["message"];
  const std::string said = ours["error"]["message"];
  const std::size_t list = listed.find(", LIST");
  const bool v2 = ours.contains("jsonrpc");
  return list != std::string::npos && said.size() < 500 &&
         ours["error"]["code"] == (v2 ? -32601 : -32600) &&
         (v2 || said.rfind(listed.substr(0, list), 0) == 0);
}

bool has_no_token(const Json& requests) {
  return std::none_of(requests.begin(), requests.end(),
                      [](const Json& request) { return request.contains("authorization"); });
}

bool says_signed_out(const Json& answer) {
  if (is_error(answer)) return answer["error"]["data"]["kind"] == "authRequired";
  const Json& result = answer["result"];
  return std::all_of(result.items().begin(), result.items().end(), [](const auto& member) {
    return member.key() == "requiresOpenaiAuth" || member.value().is_null();
  });
}

bool is_of_thread_usage(const Json& answer) {
  return answer["error"]["message"].get<std::string>().rfind("failed to fetch thread usage: ", 0) ==
         0;
}

// Whether it is an answer to one of the lines, or says that one of them is no request.
bool answers_a_line(const Json& answer, const std::vector<std::string>& lines) {
  const Json id = answer.value("id", Json());
  const bool is_known = std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.find("\"id\":" + id.dump()) != std::string::npos;
  });
  if (is_result(answer)) return is_known && answer["result"].is_object();
  if (!is_error(answer)) return false;
  const std::string kind = answer["error"]["data"].value("kind", "");
  return (id.is_null() || is_known) && answer["error"]["code"] == -32600 &&
         (kind == "parse" || kind == "invalidRequest" || kind == "methodNotFound");
}

bool says_not_logged_in(const Json& outcome) {
  return outcome["exitCode"] == 1 && outcome["stderr"] == "Not logged in\n";
}

bool says_logged_in(const Json& outcome) {
  return outcome["exitCode"] == 0 && outcome.value("stderr", "").rfind("Logged in using ", 0) == 0;
}

const std::string kNoStatus = "Error checking login status: ";

// Both fail, and say so with the same beginning.
bool fails_in_own_words(const Json& theirs, const Json& ours) {
  const std::string line = theirs.value("stderr", "");
  return theirs["exitCode"] == 1 && ours["exitCode"] == 1 && ours["stdout"] == "" &&
         line.rfind(kNoStatus, 0) == 0 && ours.value("stderr", "").rfind(kNoStatus, 0) == 0;
}

// The same lines, but for the token in one and one more about it.
bool asks_for_token(const Json& theirs, const Json& ours) {
  static const std::regex token(R"(/\?token=[A-Za-z0-9_-]{43}\n)");
  static const std::regex note(
      R"(\n  note: clients need the token[^\n]*QUOTAD_WS_TOKEN_CHECK=off[^\n]*\n$)");
  const std::string said = ours.value("stderr", "");
  Json plain = ours;
  plain["stderr"] = std::regex_replace(std::regex_replace(said, token, "\n"), note, "\n");
  return std::regex_search(said, token) && std::regex_search(said, note) && plain == theirs;
}

bool fits(Rule rule, const Case& test, const Observation& reference, const Observation& quotad,
          const Observation* sane) {
  const Json& theirs = reference.answers;
  const Json& ours = quotad.answers;
  const std::vector<Json> our_answers = flat(ours);
  const bool asked_alike = reference.requests == quotad.requests;
  const bool all_answered = static_cast<int>(ours.size()) == test.answers;
  const bool one_each = theirs.size() == 1 && ours.size() == 1;
  const auto tells_what_sane_tells = [&](const Json& answers) {
    return sane != nullptr && is_result(sane->answers.at(0)) &&
           tells_as_much_as(answers, sane->answers, test);
  };
  switch (rule) {
    case Rule::kOddMember:
      return asked_alike && tells_what_sane_tells(ours) && !tells_what_sane_tells(theirs);
    case Rule::kOwnCallsOnly:
    case Rule::kTokenSuffices:
      if (!test.command.empty()) return says_logged_in(ours[0]) && theirs[0]["exitCode"] == 1;
      return reference.requests.empty() && tells_what_sane_tells(ours) &&
             !tells_what_sane_tells(theirs);
    case Rule::kEveryMessage:
      return asked_alike && all_answered &&
             static_cast<int>(theirs.size()) == test.answers - test.dropped_by_reference &&
             std::all_of(our_answers.begin(), our_answers.end(),
                         [&](const Json& answer) { return answers_a_line(answer, test.lines); });
    case Rule::kEndOfInput:
      return all_answered && static_cast<int>(theirs.size()) < test.answers &&
             tells_what_sane_tells(ours);
    case Rule::kUnknownMethod:
      return one_each && asked_alike && names_the_method(ours[0], theirs[0]);
    case Rule::kTwoDialects:
      return one_each && asked_alike && same_in_v2(ours[0], theirs[0]);
    case Rule::kNoTokenNoCall:
      if (!test.command.empty()) return says_not_logged_in(ours[0]);
      return one_each && has_no_token(reference.requests) && quotad.requests.empty() &&
             says_signed_out(ours[0]);
    case Rule::kEmptyParams:
      return one_each && is_error(theirs[0]) && tells_what_sane_tells(ours);
    case Rule::kDetail:
      return one_each && asked_alike && is_error(theirs[0]) && is_error(ours[0]) &&
             theirs[0]["error"]["code"] == ours[0]["error"]["code"] &&
             is_of_thread_usage(theirs[0]) && is_of_thread_usage(ours[0]) &&
             ours[0]["error"]["data"].contains("detail");
    case Rule::kOwnMembers:
      return one_each && asked_alike && is_result(theirs[0]) && is_result(ours[0]) &&
             ours[0]["result"] != theirs[0]["result"] &&
             without_places(ours[0]["result"], test.own) == theirs[0]["result"];
    case Rule::kOwnWords:
      return one_each && asked_alike && fails_in_own_words(theirs[0], ours[0]);
    case Rule::kOwnToken:
      return one_each && asks_for_token(theirs[0], ours[0]);
    case Rule::kErrorData:
      return false;  // seen to in judge
  }
  return false;
}

std::string shortened(const Json& value) {
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() <= 3000 ? text : text.substr(0, 3000) + "…";
}

}  // namespace

Verdict judge(const Case& test, const Observation& reference, const Observation& quotad,
              const Observation* sane) {
  const std::string fault = fault_of_errors(test, quotad);
  if (!fault.empty()) return {.why = fault + ": " + shortened(quotad.answers)};
  Json ours = quotad.answers;
  for (Json& answer : ours) answer = stripped(std::move(answer));
  const bool asked_alike = reference.requests == quotad.requests;
  const bool speaks_lite = std::none_of(
      quotad.answers.begin(), quotad.answers.end(),
      [](const Json& answer) { return answer.is_object() && answer.contains("jsonrpc"); });
  if (reference.notifications != quotad.notifications) {
    return {.why = ", something else was told without a question\n  reference: " +
                   shortened(reference.notifications) +
                   "\n  quotad:    " + shortened(quotad.notifications)};
  }
  if (asked_alike && ours == reference.answers && speaks_lite) {
    const bool tells_kind = std::count(test.rules.begin(), test.rules.end(), Rule::kErrorData) > 0;
    if (tells_kind) return {Verdict::Kind::kBetter, Rule::kErrorData, ""};
    return {Verdict::Kind::kSame, std::nullopt, ""};
  }
  for (const Rule rule : test.rules) {
    if (fits(rule, test, reference, quotad, sane)) return {Verdict::Kind::kBetter, rule, ""};
  }
  if (!asked_alike) {
    return {.why = ", the service was asked otherwise\n  reference: " +
                   shortened(reference.requests) + shortened(reference.answers) +
                   "\n  quotad:    " + shortened(quotad.requests) + shortened(quotad.answers)};
  }
  return {.why = "\n  reference: " + shortened(reference.answers) +
                 "\n  quotad:    " + shortened(quotad.answers)};
}

const char* name_of(Rule rule) {
  switch (rule) {
    case Rule::kOddMember:
      return "odd member";
    case Rule::kEveryMessage:
      return "every message";
    case Rule::kEndOfInput:
      return "end of input";
    case Rule::kUnknownMethod:
      return "unknown method";
    case Rule::kTwoDialects:
      return "two dialects";
    case Rule::kErrorData:
      return "error data";
    case Rule::kDetail:
      return "detail";
    case Rule::kOwnCallsOnly:
      return "own calls only";
    case Rule::kTokenSuffices:
      return "token suffices";
    case Rule::kNoTokenNoCall:
      return "no token, no call";
    case Rule::kEmptyParams:
      return "empty params";
    case Rule::kOwnMembers:
      return "own members";
    case Rule::kOwnWords:
      return "own words";
    case Rule::kOwnToken:
      return "own token";
  }
  return "";
}

}  // namespace quotad::conformance
