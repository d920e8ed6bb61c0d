#include "view/limits.hpp"

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
    std::string text = view::to_text(view::limits(limits, person.page()));
    if (person.options.names_help) text += "\n`quotad help` lists what else there is.\n";
    print(text);
  }
  co_return protocol::status_of(limits) == protocol::LimitStatus::kLimited ? kLimitReached : kFine;
}

}  // namespace

int run_limits(const Person& person) {
  Session session(person);
  return session.run(show_limits(session.client(), person), [] { return kInterrupted; });
}

}  // namespace quotad::cli
