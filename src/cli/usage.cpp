// `quotad usage`: what has been used.

#include "view/usage.hpp"

#include <memory>
#include <optional>
#include <string>

#include "cli/commands.hpp"
#include "cli/people.hpp"

namespace quotad::cli {
namespace asio = boost::asio;
namespace {

struct UsageOptions : PeopleOptions {
  std::int64_t days = 365;
  std::optional<std::string> thread_id;
};

asio::awaitable<int> show_usage(AccountClient& client, const Person& person,
                                const UsageOptions& options) {
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

void add_usage(Program& program) {
  CLI::App* command = program.add("usage", "Show the tokens used, in all and by day");
  const auto options = std::make_shared<UsageOptions>();
  program.on(command, [&program, options] {
    return run_for_person(program, *options, [&](const Person& person) {
      Session session(person);
      return session.run(show_usage(session.client(), person, *options),
                         [] { return kInterrupted; });
    });
  });
  if (program.serves) return;
  add_people_flags(*command, *options, program.server);
  command->add_option("--days", options->days, "How many days to show")
      ->check(CLI::Range(1, 3'660))
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--thread", options->thread_id, "Show what this thread has cost")
      ->type_name("ID");
}

}  // namespace quotad::cli
