// HTTP requests awaited on the event loop: libcurl's multi interface driven by Asio.
//
// Used by Client only. It knows nothing of the service: no URLs, no payloads. One HttpClient keeps
// the connections, TLS sessions and names of all its requests. Redirects are followed only for GET
// and only within the same scheme, host and port, so that credentials go nowhere else.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace quotad::backend {

struct HttpOptions {
  std::string ca_file;       // certificates to trust; empty means none
  std::string ca_variable;   // the environment variable that names it, for errors
  std::string ca_dir;        // a folder of them, by hash
  bool trust_system = true;  // whether the system's are trusted beside them
  std::string user_agent;
  std::size_t max_body_bytes = std::size_t{1} << 20U;
  std::size_t max_connections = 32;
};

struct HttpRequest {
  std::string url;
  std::vector<std::string> headers;  // "Name: value"
  std::optional<std::string> body;   // makes it a POST
  std::chrono::milliseconds timeout{0};
  // Sent on a connection of its own: over one that was used before, libcurl would send the request
  // a second time if the first got no answer.
  bool only_once = false;
};

struct HttpResponse {
  long status = 0;
  std::string content_type;
  std::string body;
  std::optional<std::int64_t> retry_after_sec;
};

// There is no complete answer.
class HttpError : public std::runtime_error {
 public:
  enum class Reason {
    kBadUrl,    // the URL is none that can be asked
    kNotSent,   // the request never left: no name, no connection, no TLS
    kCutOff,    // it may have been received
    kTimeout,   // the time limit passed; it may have been received
    kTooLarge,  // the answer's body is larger than max_body_bytes
  };
  HttpError(Reason reason, const std::string& words) : std::runtime_error(words), reason_(reason) {}
  Reason reason() const { return reason_; }

 private:
  Reason reason_;
};

// "https", "example.org", "443", or nullopt if `url` has no such parts.
std::optional<std::array<std::string, 3>> origin_of(const char* url);

class HttpClient {
 public:
  HttpClient(const boost::asio::any_io_executor& executor, HttpOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The answer, whatever its status. Throws HttpError; kBadUrl, and nothing is sent, for a URL to which
  // credentials must not go (why_not_sent_to).
  boost::asio::awaitable<HttpResponse> fetch(HttpRequest request);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace quotad::backend
