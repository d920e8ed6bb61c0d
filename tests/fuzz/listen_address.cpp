// What `--listen` is given: an address that can be written and read again, or words that repeat it.

#include "transport/listen_address.hpp"

#include <boost/asio/ip/address.hpp>

#include "fuzz.hpp"
#include "quotad/protocol/error.hpp"

namespace {

using quotad::fuzz::require;
using quotad::transport::ListenAddress;
using Kind = ListenAddress::Kind;

std::string written(const ListenAddress& address) {
  switch (address.kind) {
    case Kind::kStdio:
      return "stdio://";
    case Kind::kOff:
      return "off";
    case Kind::kUnix:
      return "unix://" + address.path;
    case Kind::kWebSocket:
      break;
  }
  const bool is_v6 = boost::asio::ip::make_address(address.host).is_v6();
  return "ws://" + (is_v6 ? "[" + address.host + "]" : address.host) + ":" +
         std::to_string(address.port);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A word of a command line ends at its first zero.
  std::string_view text = quotad::fuzz::text_of(data, size);
  text = text.substr(0, text.find('\0'));
  ListenAddress address;
  try {
    address = quotad::transport::parse_listen_address(text);
  } catch (const quotad::protocol::Error& error) {
    require(error.kind() == quotad::protocol::ErrorKind::kInvalidParams);
    require(std::string(error.what()).find(text) != std::string::npos);
    return 0;
  }
  require(address.kind == Kind::kUnix || address.path.empty());
  require(address.kind == Kind::kWebSocket || (address.host.empty() && address.port == 0));
  const ListenAddress again = quotad::transport::parse_listen_address(written(address));
  require(again.kind == address.kind && again.host == address.host && again.port == address.port &&
          again.path == address.path);
  return 0;
}
