#include "backend/http.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <ctime>
#include <new>
#include <unordered_map>
#include <utility>

#include "backend/retry_after.hpp"
#include "quotad/backend/client.hpp"

namespace quotad::backend {
namespace asio = boost::asio;
namespace {

constexpr int kMaxRedirects = 5;
// Idle easy handles kept for the next request; each costs a few kilobytes.
constexpr std::size_t kMaxIdleHandles = 64;

struct EasyCleanup {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyCleanup>;

struct UrlCleanup {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

HttpError::Reason reason_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return HttpError::Reason::kTimeout;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return HttpError::Reason::kBadUrl;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_PROXY:
      return HttpError::Reason::kNotSent;
    default:
      return HttpError::Reason::kCutOff;
  }
}

// What is wrong with certificates, and which variable mends it.
std::string certificate_words(CURLcode code, CURL* easy, const HttpOptions& options) {
  if (code == CURLE_SSL_CACERT_BADFILE) {
    return "cannot use the certificates in " + options.ca_file +
           (options.ca_variable.empty() ? "" : ", which " + options.ca_variable + " names");
  }
  if (code != CURLE_PEER_FAILED_VERIFICATION) return "";
  // OpenSSL's X509_V_ERR_… (x509_vfy.h): signed by itself, alone or in a chain, and by somebody who is not known.
  constexpr std::array kSignedByOthers{18L, 19L, 20L, 21L};
  long verified = 0;
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verified);
  if (std::find(kSignedByOthers.begin(), kSignedByOthers.end(), verified) ==
      kSignedByOthers.end()) {
    return "";
  }
  return "; if a proxy or a service of yours signs its own certificates, let CODEX_CA_CERTIFICATE "
         "name a file with the one to trust";
}

}  // namespace

std::optional<std::array<std::string, 3>> origin_of(const char* url) {
  const std::unique_ptr<CURLU, UrlCleanup> parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url, 0) != CURLUE_OK) {
    return std::nullopt;
  }
  std::array<std::string, 3> origin;
  constexpr std::array kParts = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    char* part = nullptr;
    if (curl_url_get(parsed.get(), kParts[i], &part, CURLU_DEFAULT_PORT) != CURLUE_OK) {
      return std::nullopt;
    }
    origin[i] = part;
    curl_free(part);
  }
  return origin;
}

// libcurl calls back for sockets and its timer; the handlers below call libcurl back when one of
// them is ready. They hold the Impl weakly, so that a late one finds it gone.
struct HttpClient::Impl : std::enable_shared_from_this<HttpClient::Impl> {
  // One request on its way. Leaving its scope takes it off the multi handle.
  struct Transfer {
    Transfer(Impl& owner, Easy handle)
        : impl(owner), easy(std::move(handle)), done(owner.executor) {}
    ~Transfer() {
      curl_multi_remove_handle(impl.multi, easy.get());
      curl_slist_free_all(headers);
      impl.keep(std::move(easy));
    }
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    Impl& impl;
    Easy easy;
    curl_slist* headers = nullptr;
    std::string body;
    std::size_t header_bytes = 0;  // trailers too
    bool too_large = false;
    std::optional<CURLcode> result;
    std::array<char, CURL_ERROR_SIZE> words{};
    asio::steady_timer done;  // cancelled when `result` is there
  };

  struct Socket {
    explicit Socket(const asio::any_io_executor& executor) : descriptor(executor) {}
    asio::posix::stream_descriptor descriptor;
    int wanted = 0;  // CURL_POLL_*
    bool reading = false;
    bool writing = false;
  };

  Impl(asio::any_io_executor executor_, HttpOptions options_)
      : executor(std::move(executor_)), options(std::move(options_)), timer(executor) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    share = curl_share_init();
    if (initialised != CURLE_OK || multi == nullptr || share == nullptr) throw std::bad_alloc();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &Impl::on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &Impl::on_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                      static_cast<long>(options.max_connections));
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  }

  ~Impl() {
    idle.clear();
    curl_multi_cleanup(multi);
    curl_share_cleanup(share);
    for (auto& [fd, socket] : sockets) socket->descriptor.release();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Easy take() {
    if (idle.empty()) {
      Easy easy(curl_easy_init());
      if (!easy) throw std::bad_alloc();
      return easy;
    }
    Easy easy = std::move(idle.back());
    idle.pop_back();
    return easy;
  }

  void keep(Easy easy) {
    if (idle.size() >= kMaxIdleHandles) return;
    curl_easy_reset(easy.get());
    idle.push_back(std::move(easy));
  }

  static int on_socket(CURL* /*easy*/, curl_socket_t fd, int what, void* self, void* /*socket*/) {
    auto& impl = *static_cast<Impl*>(self);
    if (what == CURL_POLL_REMOVE) {
      if (const auto at = impl.sockets.find(fd); at != impl.sockets.end()) {
        at->second->wanted = 0;
        at->second->descriptor.release();  // the descriptor is libcurl's to close
        impl.sockets.erase(at);
      }
      return 0;
    }
    auto& socket = impl.sockets[fd];
    if (!socket) {
      socket = std::make_shared<Socket>(impl.executor);
      socket->descriptor.assign(fd);
    }
    socket->wanted = what;
    impl.watch(fd, socket);
    return 0;
  }

  void watch(curl_socket_t fd, const std::shared_ptr<Socket>& socket) {
    if ((socket->wanted & CURL_POLL_IN) != 0 && !socket->reading) {
      socket->reading = true;
      wait(fd, socket, asio::posix::stream_descriptor::wait_read, CURL_CSELECT_IN,
           &Socket::reading);
    }
    if ((socket->wanted & CURL_POLL_OUT) != 0 && !socket->writing) {
      socket->writing = true;
      wait(fd, socket, asio::posix::stream_descriptor::wait_write, CURL_CSELECT_OUT,
           &Socket::writing);
    }
  }

  void wait(curl_socket_t fd, const std::shared_ptr<Socket>& socket,
            asio::posix::stream_descriptor::wait_type what, int event, bool Socket::*waiting) {
    socket->descriptor.async_wait(what, [weak = weak_from_this(), fd, socket, event,
                                         waiting](boost::system::error_code error) {
      socket.get()->*waiting = false;
      const auto impl = weak.lock();
      if (!impl || socket->wanted == 0) return;
      impl->act(fd, error && error != asio::error::operation_aborted ? CURL_CSELECT_ERR : event);
      // `act` may have let go of this socket, and the number may even be another one's by now.
      if (const auto at = impl->sockets.find(fd);
          at != impl->sockets.end() && at->second == socket) {
        impl->watch(fd, socket);
      }
    });
  }

  static int on_timer(CURLM* /*multi*/, long milliseconds, void* self) {
    auto& impl = *static_cast<Impl*>(self);
    // At once is as soon as libcurl lets us call it again, not after a turn of the event loop.
    impl.is_due = milliseconds == 0 && impl.will_look;
    if (milliseconds < 0 || impl.is_due) {
      impl.timer.cancel();
      return 0;
    }
    impl.timer.expires_after(std::chrono::milliseconds(milliseconds));
    impl.timer.async_wait([weak = impl.weak_from_this()](boost::system::error_code error) {
      if (error) return;
      if (const auto alive = weak.lock()) alive->act(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
  }

  bool start(CURL* easy) {
    will_look = true;
    const bool is_started = curl_multi_add_handle(multi, easy) == CURLM_OK;
    will_look = false;
    if (std::exchange(is_due, false)) act(CURL_SOCKET_TIMEOUT, 0);
    return is_started;
  }

  // Lets libcurl work, then wakes the requests that it has finished.
  void act(curl_socket_t fd, int events) {
    int running = 0;
    curl_multi_socket_action(multi, fd, events, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      char* transfer = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      auto* finished = reinterpret_cast<Transfer*>(transfer);
      finished->result = message->data.result;
      finished->done.cancel();
    }
  }

  static std::size_t on_body(char* data, std::size_t /*one*/, std::size_t size, void* transfer) {
    auto& to = *static_cast<Transfer*>(transfer);
    if (to.body.size() + size > to.impl.options.max_body_bytes) {
      to.too_large = true;
      return 0;  // ends the transfer with CURLE_WRITE_ERROR
    }
    to.body.append(data, size);
    return size;
  }

  static std::size_t on_header(char* /*data*/, std::size_t one, std::size_t size, void* transfer) {
    auto& to = *static_cast<Transfer*>(transfer);
    to.header_bytes += one * size;
    to.too_large = to.header_bytes > to.impl.options.max_body_bytes;
    return to.too_large ? 0 : one * size;
  }

  void prepare(Transfer& transfer, const HttpRequest& request) const {
    CURL* easy = transfer.easy.get();
    for (const std::string& header : request.headers) {
      transfer.headers = curl_slist_append(transfer.headers, header.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(easy, CURLOPT_SHARE, share);
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    const bool is_tls = curl_strnequal(request.url.c_str(), "https:", 6) != 0;
    // Over TLS a second request waits for the handshake of the first, to share the connection if it
    // turns out to be HTTP/2. Without TLS it would wait for the whole answer.
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, is_tls ? 1L : 0L);
    // A proxy of the environment would read the credentials of what goes to this machine without TLS.
    if (!is_tls) curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.words.data());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Impl::on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Impl::on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    // libcurl knows one file and one folder. Debian's system certificates are both, so one of them
    // can be ours while the other stays the system's.
    if (!options.ca_file.empty() || !options.trust_system) {
      const bool none = options.ca_file.empty();
      curl_easy_setopt(easy, CURLOPT_CAINFO, none ? nullptr : options.ca_file.c_str());
    }
    if (!options.ca_dir.empty() || !options.trust_system) {
      const bool none = options.ca_dir.empty();
      curl_easy_setopt(easy, CURLOPT_CAPATH, none ? nullptr : options.ca_dir.c_str());
    }
    if (request.only_once) curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    if (request.body) {
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body->size()));
      curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request.body->c_str());
    }
  }

  asio::any_io_executor executor;
  HttpOptions options;
  CURLM* multi = nullptr;
  CURLSH* share = nullptr;
  asio::steady_timer timer;
  bool will_look = false;  // whoever calls libcurl now looks at `is_due` afterwards
  bool is_due = false;
  std::vector<Easy> idle;
  std::unordered_map<curl_socket_t, std::shared_ptr<Socket>> sockets;
};

HttpClient::HttpClient(const asio::any_io_executor& executor, HttpOptions options)
    : impl_(std::make_shared<Impl>(executor, std::move(options))) {}

HttpClient::~HttpClient() = default;

asio::awaitable<HttpResponse> HttpClient::fetch(HttpRequest request) {
  const auto impl = impl_;  // outlives the request, whatever becomes of this object
  if (const auto why_not = why_not_sent_to(request.url)) {
    throw HttpError(HttpError::Reason::kBadUrl, *why_not);
  }
  const auto deadline = std::chrono::steady_clock::now() + request.timeout;
  for (int redirects = 0;; ++redirects) {
    Impl::Transfer transfer(*impl, impl->take());
    impl->prepare(transfer, request);
    transfer.done.expires_at(asio::steady_timer::time_point::max());
    if (!impl->start(transfer.easy.get())) {
      throw HttpError(HttpError::Reason::kNotSent, "libcurl cannot take another request");
    }
    while (!transfer.result) {
      co_await transfer.done.async_wait(asio::as_tuple(asio::use_awaitable));
      const auto state = co_await asio::this_coro::cancellation_state;
      if (!transfer.result && state.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
      }
    }

    if (transfer.too_large) {
      throw HttpError(
          HttpError::Reason::kTooLarge,
          "the answer is larger than " + std::to_string(impl->options.max_body_bytes) + " bytes");
    }
    if (*transfer.result != CURLE_OK) {
      const CURLcode code = *transfer.result;
      const std::string told =
          transfer.words[0] != '\0' ? transfer.words.data() : curl_easy_strerror(code);
      const std::string certificates = certificate_words(code, transfer.easy.get(), impl->options);
      throw HttpError(reason_of(code),
                      code == CURLE_SSL_CACERT_BADFILE ? certificates : told + certificates);
    }

    CURL* easy = transfer.easy.get();
    HttpResponse response;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response.status);
    const char* location = nullptr;
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
    if (location != nullptr && !request.body && redirects < kMaxRedirects) {
      const auto here = origin_of(request.url.c_str());
      if (here && here == origin_of(location)) {
        request.url = location;
        request.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (request.timeout.count() <= 0) {
          throw HttpError(HttpError::Reason::kTimeout, "the time limit passed");
        }
        continue;
      }
    }
    const char* content_type = nullptr;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &content_type);
    if (content_type != nullptr) response.content_type = content_type;
    curl_header* retry_after = nullptr;
    if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &retry_after) == CURLHE_OK) {
      response.retry_after_sec = parse_retry_after(retry_after->value, std::time(nullptr));
    }
    response.body = std::move(transfer.body);
    co_return response;
  }
}

}  // namespace quotad::backend
