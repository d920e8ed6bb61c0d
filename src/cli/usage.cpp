#include "view/usage.hpp"

#include "cli/people.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

asio::awaitable<int> show_usage(AccountClient& client, const Person& person) {
  const PeopleOptions& options = person.options;
  protocol::GetAccountTokenUsageParams params;
  params.thread_id = options.thread_id;
  const auto usage = co_await client.read_token_usage(std::move(params));
  if (options.json) {
    print_json(usage);
  } else if (options.thread_id) {
    print(view::to_text(view::thread_usage(usage, person.page())));
  } else {
    print(view::to_text(view::usage(usage, options.days, person.page())));
  }
  co_return kFine;
}

}  // namespace

int run_usage(const Person& person) {
  Session session(person);
  return session.run(show_usage(session.client(), person), [] { return kInterrupted; });
}

}  // namespace quotad::cli
