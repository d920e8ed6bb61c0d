// The one place where method names meet typed handlers, so that no handler sees raw JSON.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "quotad/protocol/codec.hpp"
#include "quotad/protocol/error.hpp"
#include "rpc/peer.hpp"

namespace quotad::rpc {

class Dispatcher {
 public:
  using Work = boost::asio::awaitable<std::string>;  // the result, as JSON
  // Decodes the params (throwing protocol::DecodeError) and gives the work, not yet started.
  using Entry = std::function<Work(const std::optional<protocol::Json>& params,
                                   const std::shared_ptr<Peer>& peer)>;

  // Binds `handler` (Method::Params → awaitable<Method::Result>) to Method::kName. One that takes a
  // std::shared_ptr<Peer> beside the params gets whoever asks.
  template <class Method, class Handler>
  void bind(Handler handler) {
    entries_[std::string(Method::kName)] = [handler](const std::optional<protocol::Json>& params,
                                                     const std::shared_ptr<Peer>& peer) {
      return run<Method>(handler, params_of<Method>(params), peer);
    };
  }

  // nullptr if there is no such method.
  const Entry* find(std::string_view method) const {
    const auto at = entries_.find(method);
    return at == entries_.end() ? nullptr : &at->second;
  }

  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }

  // The params of `Method`, decoded. Absent or `null` ones are `{}` where every member may be
  // absent, and an error elsewhere (reference behaviour, section 1).
  template <class Method>
  static typename Method::Params params_of(const std::optional<protocol::Json>& params) {
    if (params) {
      const bool is_empty_list = params->is_array() && params->empty();
      if (is_empty_list && !Method::kParamsRequired) return {};
      return protocol::decode<typename Method::Params>(*params, "params");
    }
    if constexpr (Method::kParamsRequired) {
      throw protocol::DecodeError("params", "missing field `params`");
    } else {
      return {};
    }
  }

 private:
  template <class Method, class Handler>
  static Work run(Handler handler, typename Method::Params params, std::shared_ptr<Peer> peer) {
    if constexpr (std::is_invocable_v<Handler, typename Method::Params, std::shared_ptr<Peer>>) {
      const typename Method::Result result = co_await handler(std::move(params), std::move(peer));
      co_return to_text(result);
    } else {
      const typename Method::Result result = co_await handler(std::move(params));
      co_return to_text(result);
    }
  }

  template <class Result>
  static std::string to_text(const Result& result) {
    std::string text;
    protocol::write(result, text);
    return text;
  }

  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace quotad::rpc
