#include "service.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace quotad::bench {
namespace asio = boost::asio;
using asio::ip::tcp;
namespace {

// A port that was free a moment ago: nginx cannot tell which one it was given.
std::uint16_t free_port() {
  asio::io_context context;
  const tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  return acceptor.local_endpoint().port();
}

constexpr const char* kUsage =
    R"({"user_id":"u","account_id":"a","plan_type":"plus","rate_limit":{"allowed":true,)"
    R"("limit_reached":false,"primary_window":{"used_percent":62,"limit_window_seconds":18000,)"
    R"("reset_after_seconds":5400,"reset_at":1800000000},"secondary_window":{"used_percent":31,)"
    R"("limit_window_seconds":604800,"reset_after_seconds":345600,"reset_at":1800300000}},)"
    R"("credits":{"has_credits":true,"unlimited":false,"balance":"12.5"}})";
constexpr const char* kDetails =
    R"({"available_count":1,"credits":[{"id":"c","reset_type":"codex_rate_limits",)"
    R"("status":"available","granted_at":"2026-11-01T00:00:00Z",)"
    R"("expires_at":"2027-01-01T00:00:00Z"}]})";

// Thirty days of usage, as the service sends them.
std::string profile() {
  std::string buckets;
  for (int day = 1; day <= 30; ++day) {
    buckets += std::string(day == 1 ? "" : ",") + R"({"start_date":"2026-10-)" +
               (day < 10 ? "0" : "") + std::to_string(day) + R"(","tokens":)" +
               std::to_string(100'000 + day * 7919) + "}";
  }
  return R"({"stats":{"lifetime_tokens":48213377,"peak_daily_tokens":2411733,)"
         R"("longest_running_turn_sec":1860,"current_streak_days":2,"longest_streak_days":19,)"
         R"("daily_usage_buckets":[)" +
         buckets + "]}}";
}

}  // namespace

Nginx::Nginx(bool tls) : port_(free_port()), tls_port_(free_port()) {
  const std::string root = folder_.path();
  std::string tls_lines;
  if (tls) {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout '" +
        root + "/key.pem' -out '" + root + "/cert.pem' 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl cannot make a key");
    tls_lines = "listen 127.0.0.1:" + std::to_string(tls_port_) + " ssl http2;\n" +
                "ssl_certificate cert.pem; ssl_certificate_key key.pem;\n";
  }
  const auto location = [](const char* path, const std::string& body) {
    return std::string("location = /backend-api/wham/") + path +
           " { default_type application/json; return 200 '" + body + "'; }\n";
  };
  testing::write_file(
      folder_.file("nginx.conf"),
      "daemon off; master_process off; pid nginx.pid; error_log error.log;\n"
      "worker_rlimit_nofile 20000;\n"
      "events { worker_connections 8192; }\n"
      "http { access_log access.log; keepalive_requests 1000000000; keepalive_timeout 3600;\n"
      "client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;\n"
      "uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n"
      "server { listen 127.0.0.1:" +
          std::to_string(port_) + ";\n" + tls_lines + location("usage", kUsage) +
          location("rate-limit-reset-credits", kDetails) + location("profiles/me", profile()) +
          "} }\n");
  process_ = std::make_unique<testing::Process>(
      std::vector<std::string>{"nginx", "-p", root, "-c", "nginx.conf", "-e", "error.log"});
  // It is there when it accepts.
  for (int tries = 0;; ++tries) {
    asio::io_context context;
    tcp::socket socket(context);
    boost::system::error_code error;
    socket.connect({asio::ip::address_v4::loopback(), port_}, error);
    if (!error) return;
    if (tries == 500) throw std::runtime_error("nginx does not start: " + folder_.path());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

Nginx::~Nginx() { process_->send_signal(SIGTERM); }

std::size_t Nginx::calls() const {
  const std::string log = testing::read_file(folder_.file("access.log"));
  return static_cast<std::size_t>(std::count(log.begin(), log.end(), '\n'));
}

struct DelayingRelay::Impl {
  Impl(std::uint16_t to_, std::chrono::milliseconds one_way_)
      : acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        to(to_),
        one_way(one_way_) {}

  asio::awaitable<void> accept_all() {
    for (;;) {
      auto from =
          std::make_shared<tcp::socket>(co_await acceptor.async_accept(asio::use_awaitable));
      auto onward = std::make_shared<tcp::socket>(context);
      co_await onward->async_connect({asio::ip::address_v4::loopback(), to}, asio::use_awaitable);
      from->set_option(tcp::no_delay(true));
      onward->set_option(tcp::no_delay(true));
      asio::co_spawn(context, pass(from, onward), asio::detached);
      asio::co_spawn(context, pass(onward, from), asio::detached);
    }
  }

  // Each piece leaves `one_way` after it came; later pieces do not wait for earlier ones to leave.
  asio::awaitable<void> pass(std::shared_ptr<tcp::socket> from, std::shared_ptr<tcp::socket> to_) {
    for (;;) {
      auto piece = std::make_shared<std::string>(65536, '\0');
      const auto [error, size] =
          co_await from->async_read_some(asio::buffer(*piece), asio::as_tuple(asio::use_awaitable));
      if (error) break;
      piece->resize(size);
      auto timer = std::make_shared<asio::steady_timer>(context, one_way);
      timer->async_wait([timer, piece, to_](boost::system::error_code) {
        boost::system::error_code ignored;
        asio::write(*to_, asio::buffer(*piece), ignored);
      });
    }
    boost::system::error_code ignored;
    to_->shutdown(tcp::socket::shutdown_send, ignored);
  }

  asio::io_context context;
  tcp::acceptor acceptor;
  std::uint16_t to;
  std::chrono::milliseconds one_way;
};

DelayingRelay::DelayingRelay(std::uint16_t to, std::chrono::milliseconds one_way)
    : impl_(std::make_unique<Impl>(to, one_way)) {
  asio::co_spawn(impl_->context, impl_->accept_all(), asio::detached);
  thread_ = std::thread([this] { impl_->context.run(); });
}

DelayingRelay::~DelayingRelay() {
  impl_->context.stop();
  thread_.join();
}

std::uint16_t DelayingRelay::port() const { return impl_->acceptor.local_endpoint().port(); }

}  // namespace quotad::bench
