#include "conformance/service.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

#include "harness/process.hpp"

namespace quotad::conformance {
namespace {

struct RoutePath {
  const char* method;
  const char* end;  // of the path
  Route route;
};

constexpr std::array kPaths{
    RoutePath{"POST", "/rate-limit-reset-credits/consume", Route::kConsume},
    RoutePath{"GET", "/rate-limit-reset-credits", Route::kDetails},
    RoutePath{"GET", "/profiles/me", Route::kProfile},
    RoutePath{"POST", "/usage/thread_usage/query", Route::kThreadUsage},
    RoutePath{"GET", "/usage", Route::kUsage},
    RoutePath{"GET", "/accounts/check", Route::kAccounts},
    RoutePath{"GET", "/v1/user-auth-credential/whoami", Route::kWhoami},
};

std::optional<Route> route_of(const std::string& method, const std::string& path) {
  for (const RoutePath& known : kPaths) {
    if (method == known.method && path.ends_with(known.end)) return known.route;
  }
  return std::nullopt;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// The request as the suite compares it.
Json record_of(const std::string& request) {
  const std::size_t end = request.find("\r\n\r\n");
  std::istringstream head(request.substr(0, end));
  std::string method;
  std::string path;
  std::string line;
  head >> method >> path;
  std::getline(head, line);
  Json record = {{"method", method}, {"path", path}};
  while (std::getline(head, line)) {
    const std::size_t colon = line.find(": ");
    const std::string name = lower(line.substr(0, colon));
    if (name == "authorization" || name == "chatgpt-account-id" || name == "x-openai-fedramp" ||
        name == "x-openai-codex-luna-reserve") {
      record[name] = line.substr(colon + 2, line.find('\r') - colon - 2);
    }
  }
  const std::string body = request.substr(end + 4);
  if (!body.empty()) record["body"] = Json::parse(body, nullptr, false);
  return record;
}

std::string bytes_of(const Reply& reply) {
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) +
                     " Scripted\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n";
  if (!reply.content_type.empty()) text += "Content-Type: " + reply.content_type + "\r\n";
  return text + reply.headers + "\r\n" + reply.body;
}

}  // namespace

Service::Service() : server_([this](const std::string& request) { return answer(request); }) {}

Service::~Service() { stop(); }

std::string Service::url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

void Service::play(const Case& test) {
  const std::lock_guard lock(mutex_);
  replies_ = test.replies;
  requests_.clear();
  seen_.clear();
  released_ = false;
}

void Service::release() {
  const std::lock_guard lock(mutex_);
  released_ = true;
  changed_.notify_all();
}

Json Service::requests() const {
  const std::lock_guard lock(mutex_);
  std::vector<Json> sorted = requests_;
  std::sort(sorted.begin(), sorted.end(),
            [](const Json& a, const Json& b) { return a.dump() < b.dump(); });
  return sorted;
}

bool Service::has_seen(Route route) const {
  const std::lock_guard lock(mutex_);
  return seen_.count(route) > 0;
}

void Service::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = released_ = true;
    changed_.notify_all();
  }
  server_.stop();
}

bool Service::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

std::string Service::answer(const std::string& request) {
  const Json record = record_of(request);
  const std::string path = record["path"];
  const auto route = route_of(record["method"], path);
  std::unique_lock lock(mutex_);
  if (stopped_) return "";
  // Where workspaces are served the reference alone asks; in most cases nobody tells it.
  const bool is_nobodys = route == Route::kAccounts && replies_.count(*route) == 0;
  if (!route || is_nobodys) return bytes_of({.status = 404, .body = R"({"detail":"Not Found"})"});
  requests_.push_back(record);
  ++seen_[*route];
  changed_.notify_all();
  const auto scripted = replies_.find(*route);
  const Reply reply = scripted == replies_.end() ? sane_reply(*route) : scripted->second;
  if (reply.hold) {
    changed_.wait(lock, [this] { return released_; });
    if (stopped_) return "";
  }
  if (reply.wait_for_details) {
    changed_.wait_for(lock, testing::kPatience,
                      [this] { return released_ || seen_.count(Route::kDetails) > 0; });
  }
  return reply.hang_up ? "" : bytes_of(reply);
}

}  // namespace quotad::conformance
