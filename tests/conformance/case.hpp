// What the suite asks of both programs: a case is some lines, what the service answers meanwhile,
// and the rules by which quotad's answers may be other than the reference's.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace quotad::conformance {

using Json = nlohmann::json;

// The calls of the service that count; whatever else the reference sends is not looked at.
enum class Route { kUsage, kDetails, kConsume, kProfile, kThreadUsage, kWhoami, kAccounts };

// What the service answers to one route.
struct Reply {
  int status = 200;
  std::string content_type = "application/json";  // none if empty
  std::string body;
  std::string headers;            // more of them, each with its line end
  bool hang_up = false;           // closes the connection in place of an answer
  bool hold = false;              // does not answer before the case is over, or its input is
  bool wait_for_details = false;  // answers once the details were asked for too
};

// Why quotad may answer otherwise than the reference. docs/compatibility.md has the sentences.
enum class Rule {
  kOddMember,      // one odd member of a payload costs no more than what is made from it
  kEveryMessage,   // what the reference drops is answered
  kEndOfInput,     // what was received before the end of input is answered
  kUnknownMethod,  // named without the list of all methods; -32601 in 2.0
  kTwoDialects,    // who writes "jsonrpc": "2.0" is answered so, with its codes
  kErrorData,      // errors have data to branch on
  kDetail,         // where the reference says little, the detail says what is wrong
  kOwnCallsOnly,   // nothing is asked that the answer is not made from
  kTokenSuffices,  // an id token that cannot be read does not sign anybody out
  kNoTokenNoCall,  // the service is not asked without a token
  kEmptyParams,  // [] means no params, wherever they may all be absent; of none, no member is wrong
  kOwnMembers,   // what the reference leaves out is told in members of quotad's own
  kOwnWords,     // why the sign-in cannot be told is said in words of our own
  kOwnToken,     // a WebSocket needs the token of the URL that is printed
};

// Where the programs run: the sign-in and the configuration. A process is shared by the cases of
// one world, unless a case wants its own.
struct World {
  std::string name;
  std::string auth;                   // text of auth.json; no file if empty
  std::string base = "/backend-api";  // path of chatgpt_base_url
  std::vector<std::string> flags;     // of quotad alone
  std::map<std::string, std::string> environment;
  bool only_commands = false;     // nothing is compared of an app-server in it
  std::optional<Rule> rule;       // by which its cases may be better
  std::vector<std::string> lost;  // by its cases: places in results
};

struct Case {
  std::string group;  // the file of its golden recording
  std::string name;   // its own within the group
  std::string world = "chatgpt";
  std::vector<std::string> lines;
  std::map<Route, Reply> replies;  // in place of the sane ones
  // How many of the lines each program is to answer; a batch counts as one.
  int answers = 1;
  int dropped_by_reference = 0;  // of these
  bool own_process = false;      // begins before `initialize`
  bool ends_input = false;       // after its lines, in a process of its own, hands shaken
  bool compare_requests = true;
  // Of what both send on their own, how much is waited for.
  int notifications = 0;
  // In place of an app-server that is spoken to: the arguments of a program that is called by the
  // reference's name, what it prints, and its exit code. One that serves is ended once it says where.
  std::vector<std::string> command;
  // Routes that must have been asked, by both; a case that never got there shows nothing.
  std::vector<Route> reaches;

  std::vector<Rule> rules;
  // Full name of the case whose result, as the reference gives it, quotad gives here too, but for
  // these places (JSON pointers into the result).
  std::string sane_case;
  std::vector<std::string> lost;
  // What may stand there, beside `null`, nothing, and what the sane case has.
  std::vector<Json> may_be;
  // Members of quotad's own that this case may have beside the reference's: places in the result.
  std::vector<std::string> own;
  // Seconds that the service counts from its answer: a time that lies so far ahead is told as
  // `ahead(SECONDS)`, whatever the time is now.
  std::vector<std::int64_t> ahead;
  // Kind that every error of quotad must have, if not empty.
  std::string kind;
};

std::vector<World> all_worlds();
std::vector<Case> all_cases();

// The sane reply of a route.
Reply sane_reply(Route route);

// What stands in an observation for the time that is so far ahead.
inline std::string ahead(std::int64_t seconds) { return "in " + std::to_string(seconds) + " s"; }

// "mapping/credits: balance as a number"
inline std::string full_name(const Case& test) { return test.group + "/" + test.name; }

}  // namespace quotad::conformance
