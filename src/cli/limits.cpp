#include "view/limits.hpp"

#include <cstdio>

#include "cli/known_resets.hpp"
#include "cli/people.hpp"
#include "quotad/protocol/limit_status.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

asio::awaitable<int> show_limits(AccountClient& client, const Person& person) {
  const auto limits = co_await client.read_rate_limits({});
  if (person.options.json) {
    print_json(limits);
  } else {
    const KnownResets known = co_await read_known_resets(client);
    std::string text = view::to_text(view::limits(limits, person.page(), known.resets));
    if (person.options.names_help) text += "\n`quotad help` lists what else there is.\n";
    print(text);
    if (known.problem) std::fprintf(stderr, "quotad: %s\n", known.problem->c_str());
  }
  co_return protocol::status_of(limits) == protocol::LimitStatus::kLimited ? kLimitReached : kFine;
}

}  // namespace

int run_limits(const Person& person) {
  Session session(person);
  return session.run(show_limits(session.client(), person), [] { return kInterrupted; });
}

}  // namespace quotad::cli
