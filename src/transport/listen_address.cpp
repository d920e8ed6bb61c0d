#include "transport/listen_address.hpp"

#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "quotad/protocol/error.hpp"

namespace quotad::transport {
namespace {

constexpr std::string_view kWebSocketScheme = "ws://";
constexpr std::string_view kUnixScheme = "unix://";

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

protocol::Error refuse(const std::string& words) {
  return {protocol::ErrorKind::kInvalidParams, words};
}

}  // namespace

ListenAddress parse_listen_address(std::string_view url) {
  std::string_view rest = url;
  if (url == "stdio://") return {.kind = ListenAddress::Kind::kStdio};
  if (url == "off") return {.kind = ListenAddress::Kind::kOff};
  if (take_prefix(rest, kUnixScheme)) {
    return {.kind = ListenAddress::Kind::kUnix, .path = std::string(rest)};
  }
  if (!take_prefix(rest, kWebSocketScheme)) {
    throw refuse("unsupported --listen URL `" + std::string(url) +
                 "`; expected `stdio://`, `unix://`, `unix://PATH`, `ws://IP:PORT`, or `off`");
  }
  const std::string bad =
      "invalid websocket --listen URL `" + std::string(url) + "`; expected `ws://IP:PORT`";
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) throw refuse(bad);
  std::string_view host = rest.substr(0, colon);
  const std::string_view port = rest.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  ListenAddress address{.kind = ListenAddress::Kind::kWebSocket, .host = std::string(host)};
  boost::system::error_code error;
  boost::asio::ip::make_address(address.host, error);
  const auto [stop, status] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error || port.empty() || status != std::errc() || stop != port.data() + port.size()) {
    throw refuse(bad);
  }
  return address;
}

}  // namespace quotad::transport
