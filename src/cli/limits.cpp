// `quotad limits`: how much is left.

#include "view/limits.hpp"

#include <cstdio>
#include <memory>
#include <string>

#include "cli/commands.hpp"
#include "cli/known_resets.hpp"
#include "cli/people.hpp"
#include "quotad/protocol/limit_status.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

constexpr const char* kNamesHelp = "`quotad help` lists what else there is.\n";

// `names_help`: the person gave no command, and may not know the others.
asio::awaitable<int> show_limits(AccountClient& client, const Person& person, bool names_help) {
  const auto limits = co_await client.read_rate_limits({});
  if (person.options.json) {
    print_json(limits);
  } else {
    const KnownResets known = co_await read_known_resets(client);
    std::string text = view::to_text(view::limits(limits, person.page(), known.resets));
    if (names_help) text += std::string("\n") + kNamesHelp;
    print(text);
    if (known.problem) std::fprintf(stderr, "quotad: %s\n", known.problem->c_str());
  }
  co_return protocol::status_of(limits) == protocol::LimitStatus::kLimited ? kLimitReached : kFine;
}

int run_limits(Program& program, const PeopleOptions& options, bool names_help) {
  bool is_shown = false;
  const int exit_code = run_for_person(program, options, [&](const Person& person) {
    Session session(person);
    const int code =
        session.run(show_limits(session.client(), person, names_help), [] { return kInterrupted; });
    is_shown = true;
    return code;
  });
  if (names_help && !is_shown) std::fputs(kNamesHelp, stderr);
  return exit_code;
}

}  // namespace

void add_limits(Program& program) {
  CLI::App* command = program.add("limits", "Show how much is left, and until when");
  const auto options = std::make_shared<PeopleOptions>();
  program.on(command, [&program, options] { return run_limits(program, *options, false); });
  program.without_command = [&program, options] { return run_limits(program, *options, true); };
  if (program.serves) return;
  add_people_flags(*command, *options, program.server);
  add_dollars(*command, *options);
}

}  // namespace quotad::cli
