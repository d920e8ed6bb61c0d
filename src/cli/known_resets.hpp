// What the record of redemptions says of an account's resets: which are open, and which is recent.
//
// Used by `reset`, which begins no second one beside an open one, and by `limits` and `watch`, which name it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/account_client.hpp"
#include "quotad/protocol/redemptions.hpp"
#include "view/reset.hpp"

namespace quotad::cli {

using Redemptions = std::vector<protocol::Redemption>;

// All redemptions of the account, newest first; none where a server does not tell of them. Throws
// protocol::Error.
boost::asio::awaitable<Redemptions> read_redemptions(AccountClient& client);

// Nobody knows what became of it: it may have spent a credit, or be about to.
bool is_open(const protocol::Redemption& redemption);

// It has spent its credit, and spends no other one.
bool is_finished(const protocol::Redemption& redemption);

// The entry of this key, or null.
const protocol::Redemption* find_key(const Redemptions& redemptions, const std::string& key);

// The newest of each; recent is what has ended within the hour before `now`.
view::Resets newest_resets(const Redemptions& redemptions, std::int64_t now);

struct KnownResets {
  view::Resets resets;
  std::optional<std::string> problem;  // why there are none, in printable words
};

// For those who show them beside what they have read of the limits. Throws nothing.
boost::asio::awaitable<KnownResets> read_known_resets(AccountClient& client);

}  // namespace quotad::cli
