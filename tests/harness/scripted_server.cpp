#include "harness/scripted_server.hpp"

#include <sys/socket.h>

#include <boost/algorithm/string/find.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace quotad::testing {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// The value of Content-Length, or 0.
std::size_t body_size(const std::string& head) {
  const auto field = boost::algorithm::ifind_first(head, "\r\ncontent-length:");
  return field.empty() ? 0 : std::stoul(std::string(field.end(), head.end()));
}

}  // namespace

std::string url_of(const ScriptedServer& server) {
  return "http://127.0.0.1:" + std::to_string(server.port());
}

Home::Home(const std::string& url) {
  write_file(folder_.file("auth.json"),
             R"({"tokens":{"access_token":"secret-token","account_id":"acc"}})");
  write_file(folder_.file("config.toml"), "chatgpt_base_url = \"" + url + "/backend-api\"\n");
}

std::string http_ok(const std::string& body, const std::string& headers) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nContent-Type: application/json\r\n" + headers + "\r\n" + body;
}

ScriptedServer::ScriptedServer(Script script, const std::string& certificate,
                               const std::string& key)
    : script_(std::move(script)),
      certificate_(certificate),
      key_(key),
      acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()),
      thread_([this] { serve(); }) {}

ScriptedServer::~ScriptedServer() { stop(); }

void ScriptedServer::stop() {
  if (!thread_.joinable()) return;
  shutdown(acceptor_.native_handle(), SHUT_RDWR);  // wakes the accepting thread
  thread_.join();
  acceptor_.close();
  {
    const std::lock_guard lock(mutex_);
    for (const int descriptor : open_) shutdown(descriptor, SHUT_RDWR);
  }
  for (std::thread& talker : talkers_) talker.join();
  talkers_.clear();
}

std::vector<std::string> ScriptedServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void ScriptedServer::serve() {
  for (;;) {
    auto socket = std::make_shared<tcp::socket>(context_);
    boost::system::error_code error;
    acceptor_.accept(*socket, error);
    if (error) return;
    ++connections_;
    const std::lock_guard lock(mutex_);
    open_.push_back(socket->native_handle());
    talkers_.emplace_back([this, socket] {
      if (certificate_.empty()) {
        talk(*socket);
      } else {
        asio::ssl::context tls(asio::ssl::context::tls_server);
        tls.use_certificate_chain_file(certificate_);
        tls.use_private_key_file(key_, asio::ssl::context::pem);
        asio::ssl::stream<tcp::socket&> stream(*socket, tls);
        boost::system::error_code refused;
        stream.handshake(asio::ssl::stream_base::server, refused);
        if (!refused) talk(stream);
      }
      const std::lock_guard closing(mutex_);
      std::erase(open_, socket->native_handle());
      // Programs that were started meanwhile have inherited it: closing alone would hang up on nobody.
      shutdown(socket->native_handle(), SHUT_RDWR);
      socket->close();
    });
  }
}

template <class Stream>
void ScriptedServer::talk(Stream& stream) {
  std::string buffer;
  for (;;) {
    boost::system::error_code error;
    const std::size_t head =
        asio::read_until(stream, asio::dynamic_buffer(buffer), "\r\n\r\n", error);
    if (error) return;
    const std::size_t size = head + body_size(buffer.substr(0, head));
    if (buffer.size() < size) {
      asio::read(stream, asio::dynamic_buffer(buffer), asio::transfer_exactly(size - buffer.size()),
                 error);
      if (error) return;
    }
    const std::string request = buffer.substr(0, size);
    buffer.erase(0, size);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const std::string answer = script_(request);
    if (answer.empty()) return;
    asio::write(stream, asio::buffer(answer), error);
    if (error) return;
  }
}

}  // namespace quotad::testing
