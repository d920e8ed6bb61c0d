// The client at the other end of a session, as a handler may see it: somebody who can be asked.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string_view>

#include "quotad/protocol/codec.hpp"

namespace quotad::rpc {

class Peer {
 public:
  Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  virtual ~Peer() = default;

  // Sends a request of the server's and waits for its result. Throws protocol::Error: kTimeout when
  // `limit` is over, kOverloaded if the client is gone or says no more, kInternal if it answers with
  // an error.
  virtual boost::asio::awaitable<protocol::Json> ask(std::string_view method,
                                                     protocol::OrderedJson params,
                                                     std::chrono::milliseconds limit) = 0;
};

// The same with the types of `Request`. A result of another shape is a DecodeError.
template <class Request>
boost::asio::awaitable<typename Request::Result> ask(Peer& peer, typename Request::Params params,
                                                     std::chrono::milliseconds limit) {
  protocol::OrderedJson encoded = protocol::encode(params);
  const protocol::Json result = co_await peer.ask(Request::kName, std::move(encoded), limit);
  co_return protocol::decode<typename Request::Result>(result, "result");
}

}  // namespace quotad::rpc
