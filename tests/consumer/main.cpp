// Prints how much of the primary window is used: consumer BASE_URL ACCESS_TOKEN ACCOUNT_ID

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>
#include <quotad/backend/client.hpp>

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  boost::asio::io_context context(1);
  quotad::backend::ClientOptions options;
  options.base_url = argv[1];
  options.user_agent = "consumer/1.0";
  quotad::backend::Client client(context.get_executor(), options);
  int exit_code = 1;
  boost::asio::co_spawn(
      context,
      client.usage({.authorization = std::string("Bearer ") + argv[2], .account_id = argv[3]}),
      [&](const std::exception_ptr& error, const quotad::backend::Usage& usage) {
        try {
          if (error) std::rethrow_exception(error);
          std::printf("%lld\n", static_cast<long long>(
                                    usage.rate_limit.value().primary_window.value().used_percent));
          exit_code = 0;
        } catch (const quotad::protocol::Error& failed) {
          std::printf("failed: %s\n", failed.what());
        }
      });
  context.run();
  return exit_code;
}
