#include "view/limits.hpp"

#include "cli/people.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

asio::awaitable<int> show_limits(AccountClient& client, const Person& person) {
  const auto limits = co_await client.read_rate_limits({});
  if (person.options.json) {
    print_json(limits);
  } else {
    print(view::to_text(view::limits(limits, person.page())));
  }
  co_return view::what_stops(limits) ? kLimitReached : kFine;
}

}  // namespace

int run_limits(const Person& person) {
  Session session(person);
  return session.run(show_limits(session.client(), person), [] { return kInterrupted; });
}

}  // namespace quotad::cli
