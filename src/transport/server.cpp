#include "transport/server.hpp"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstring>
#include <filesystem>
#include <utility>

#include "quotad/protocol/error.hpp"
#include "transport/http_connection.hpp"
#include "transport/stdio.hpp"
#include "transport/unix_connection.hpp"

namespace quotad::transport {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// Pause after a failed accept: mostly no descriptors are left, and trying at once fails again.
constexpr std::chrono::milliseconds kAcceptPause{100};

protocol::Error cannot_listen(const std::string& url, const std::string& why) {
  return {protocol::ErrorKind::kInternal, "cannot listen on " + url + ": " + why};
}

// Whether somebody answers at the socket.
bool is_live(const std::string& path) {
  asio::io_context context;
  asio::local::stream_protocol::socket probe(context);
  error_code error;
  probe.open(asio::local::stream_protocol(), error);
  probe.non_blocking(true, error);
  probe.connect(asio::local::stream_protocol::endpoint(path), error);
  // A server that does not get to its queue is one all the same.
  return !error || error == asio::error::would_block || error == asio::error::try_again;
}

// Binds with the permissions in place from the start, and under the final name only once it
// listens: nobody finds a socket that does not answer.
asio::local::stream_protocol::acceptor listen_unix(const asio::any_io_executor& executor,
                                                   const std::string& path, bool is_private) {
  const std::string url = "unix://" + path;
  struct stat status {};
  // Whoever may write to the folder could put a socket of theirs in the place of ours.
  const std::string folder = std::filesystem::path(path).parent_path().string();
  mkdir(folder.c_str(), 0700);
  if (stat(folder.c_str(), &status) == 0) {
    if (status.st_uid != geteuid() && status.st_uid != 0) {
      throw cannot_listen(url, "its folder belongs to user " + std::to_string(status.st_uid) +
                                   "; choose one of your own");
    }
    const bool keeps_files = (status.st_mode & 022U) == 0 || (status.st_mode & S_ISVTX) != 0;
    if (!keeps_files || (is_private && (status.st_mode & 077U) != 0)) {
      throw cannot_listen(url, std::string("others may ") + (keeps_files ? "enter" : "write to") +
                                   " its folder; run: chmod 700 '" + folder + "'");
    }
  }
  if (lstat(path.c_str(), &status) == 0) {
    // At its default place, the reference's socket is a link to it; one that nobody answers at is left over.
    const bool may_be_left = S_ISSOCK(status.st_mode) || (is_private && S_ISLNK(status.st_mode));
    if (!may_be_left) {
      throw cannot_listen(url, "the file is there and is not a socket");
    }
    if (is_live(path)) throw cannot_listen(url, "another server answers there");
  }
  const std::string fresh = path + "." + std::to_string(getpid());
  unlink(fresh.c_str());
  asio::local::stream_protocol::acceptor acceptor(executor);
  error_code error;
  acceptor.open(asio::local::stream_protocol(), error);
  const mode_t before = umask(0177);
  if (!error) {
    try {
      acceptor.bind(asio::local::stream_protocol::endpoint(fresh), error);
    } catch (const boost::system::system_error& thrown) {
      error = thrown.code();  // the path is too long for a socket address
    }
  }
  umask(before);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error && rename(fresh.c_str(), path.c_str()) != 0) {
    error = error_code(errno, boost::system::system_category());
  }
  if (error) {
    unlink(fresh.c_str());
    throw cannot_listen(url, error.message());
  }
  return acceptor;
}

tcp::acceptor listen_tcp(const asio::any_io_executor& executor, const ListenAddress& address) {
  const tcp::endpoint endpoint(asio::ip::make_address(address.host), address.port);
  tcp::acceptor acceptor(executor);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    throw cannot_listen("ws://" + address.host + ":" + std::to_string(address.port),
                        error.message());
  }
  return acceptor;
}

// Of a TCP socket that goes by the generic name; one of IPv4 that came in by IPv6 as what it is.
asio::ip::address address_of(const asio::generic::stream_protocol::endpoint& endpoint) {
  tcp::endpoint address;
  if (endpoint.size() > address.capacity()) return {};
  std::memcpy(address.data(), endpoint.data(), endpoint.size());
  address.resize(endpoint.size());
  auto found = address.address();
  if (found.is_v6() && found.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, found.to_v6());
  }
  return found;
}

// Whether the process at the other end of a Unix socket runs for our user, or for root.
bool is_own(Socket& socket, Door& door) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  if (peer.uid == geteuid() || peer.uid == 0) return true;
  door.tell_of_end("user " + std::to_string(peer.uid),
                   "the socket is for user " + std::to_string(geteuid()));
  return false;
}

tcp::acceptor adopt_tcp(const asio::any_io_executor& executor, const ListenAddress& address) {
  const bool is_v6 = asio::ip::make_address(address.host).is_v6();
  return {executor, is_v6 ? tcp::v6() : tcp::v4(), address.descriptor};
}

std::string url_of(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return "ws://" + (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

}  // namespace

// A socket that connections are accepted from, until it is closed.
class Server::Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;
  virtual void close() = 0;
};

namespace {

template <class Acceptor, class Base>
class SocketListener : public Base {
 public:
  // `take` gets each connection's socket. The socket file at `path`, if any, goes when it closes.
  template <class Take>
  SocketListener(Acceptor acceptor, Take take, std::string path = "")
      : acceptor_(std::make_shared<Acceptor>(std::move(acceptor))), path_(std::move(path)) {
    asio::co_spawn(acceptor_->get_executor(), accept_all(acceptor_, std::move(take)),
                   asio::detached);
  }
  ~SocketListener() override { SocketListener::close(); }

  void close() override {
    if (!acceptor_->is_open()) return;
    if (!path_.empty()) unlink(path_.c_str());
    error_code ignored;
    acceptor_->close(ignored);
  }

 private:
  template <class Take>
  static asio::awaitable<void> accept_all(std::shared_ptr<Acceptor> acceptor, Take take) {
    while (acceptor->is_open()) {
      Socket socket(acceptor->get_executor());
      const auto [error] =
          co_await acceptor->async_accept(socket, asio::as_tuple(asio::use_awaitable));
      if (!error) {
        take(std::move(socket));
      } else if (error != asio::error::operation_aborted) {
        spdlog::warn("cannot accept a connection: {}", error.message());
        asio::steady_timer pause(acceptor->get_executor(), kAcceptPause);
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
      }
    }
  }

  std::shared_ptr<Acceptor> acceptor_;
  std::string path_;
};

}  // namespace

Server::Server(asio::any_io_executor executor, MakeSession make_session, ServerOptions options)
    : executor_(std::move(executor)),
      make_session_(std::move(make_session)),
      door_(std::make_shared<Door>(std::move(options))),
      finished_(executor_) {}

Server::~Server() = default;

std::string Server::listen(const ListenAddress& address) {
  switch (address.kind) {
    case ListenAddress::Kind::kOff:
      return "";
    case ListenAddress::Kind::kStdio:
      adopt(std::make_shared<ByteConnection<Descriptor, Descriptor>>(
          open_stdio(executor_), make_session_, "", door_, Client::kParent));
      return "";
    case ListenAddress::Kind::kWebSocket: {
      tcp::acceptor acceptor =
          address.descriptor < 0 ? listen_tcp(executor_, address) : adopt_tcp(executor_, address);
      std::string url = url_of(acceptor.local_endpoint());
      const bool is_loopback = acceptor.local_endpoint().address().is_loopback();
      listeners_.push_back(std::make_unique<SocketListener<tcp::acceptor, Listener>>(
          std::move(acceptor), [this, is_loopback](Socket socket) {
            error_code gone;
            const auto peer = address_of(socket.remote_endpoint(gone));
            if (gone) return;
            if (!has_room()) {
              // What there is room for in the socket, which has not been written to before.
              constexpr std::string_view kFull =
                  "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
                  "Content-Length: 0\r\n\r\n";
              socket.non_blocking(true, gone);
              socket.send(asio::buffer(kFull), 0, gone);
              return;
            }
            socket.set_option(tcp::no_delay(true), gone);
            adopt(std::make_shared<HttpConnection>(
                std::move(socket), make_session_, "", door_,
                Network{.peer = peer, .is_loopback = is_loopback}));
          }));
      return url;
    }
    case ListenAddress::Kind::kUnix: {
      using UnixAcceptor = asio::local::stream_protocol::acceptor;
      // The file of a socket that is somebody else's stays when we go.
      const bool is_inherited = address.descriptor >= 0;
      const std::string path =
          is_inherited ? address.path : std::filesystem::absolute(address.path).string();
      UnixAcceptor acceptor =
          is_inherited ? UnixAcceptor(executor_, asio::local::stream_protocol(), address.descriptor)
                       : listen_unix(executor_, path, address.is_private);
      listeners_.push_back(std::make_unique<SocketListener<UnixAcceptor, Listener>>(
          std::move(acceptor),
          [this, use_instead = address.use_instead, path](Socket socket) mutable {
            if (!is_own(socket, *door_) || !has_room()) return;
            if (!use_instead.empty()) {
              spdlog::warn("a client uses {}, which later versions do not serve; use {}", path,
                           std::exchange(use_instead, ""));
            }
            adopt(std::make_shared<UnixConnection>(std::move(socket), make_session_, door_));
          },
          is_inherited ? "" : path));
      return "unix://" + path;
    }
  }
  return "";
}

// Tells of it once, when it is full.
bool Server::has_room() {
  const bool is_full = connections_.size() >= door_->options.max_connections;
  if (is_full && !was_full_) {
    spdlog::warn("no more connections are taken: there are {} (--max-connections)",
                 connections_.size());
  }
  was_full_ = is_full;
  return !is_full;
}

void Server::adopt(std::shared_ptr<Connection> connection) {
  connections_.push_front(connection);
  const auto place = connections_.begin();
  if (stopping_) connection->stop();
  asio::co_spawn(
      executor_, [connection = std::move(connection)] { return connection->serve(); },
      [this, place](const std::exception_ptr& error) {
        connections_.erase(place);
        check_finished();
        try {
          if (error) std::rethrow_exception(error);
        } catch (const std::exception& thrown) {
          spdlog::error("a connection failed inside: {}", thrown.what());
        }
      });
}

asio::awaitable<void> Server::finished() {
  check_finished();
  return finished_.wait();
}

void Server::stop() {
  if (std::exchange(stopping_, true)) return;
  listeners_.clear();
  for (const auto& connection : std::list(connections_)) connection->stop();
  check_finished();
}

void Server::give_up() {
  for (const auto& connection : std::list(connections_)) connection->give_up();
}

void Server::check_finished() {
  if (listeners_.empty() && connections_.empty()) finished_.set();
}

}  // namespace quotad::transport
