#include "cli/known_resets.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <iterator>
#include <utility>

#include "quotad/protocol/error.hpp"
#include "system/clock.hpp"
#include "view/page.hpp"

namespace quotad::cli {
namespace asio = boost::asio;

using protocol::Redemption;
using protocol::RedemptionState;

namespace {

constexpr std::int64_t kPage = 200;     // the most that a server gives at once
constexpr int kMostPages = 50;          // of a server that finds no end
constexpr std::int64_t kRecent = 3600;  // seconds

}  // namespace

asio::awaitable<Redemptions> read_redemptions(AccountClient& client) {
  Redemptions all;
  protocol::ListAccountRateLimitResetCreditParams params;
  params.limit = kPage;
  try {
    for (int page = 0; page < kMostPages; ++page) {
      auto answer = co_await client.list_redemptions(params);
      std::move(answer.redemptions.begin(), answer.redemptions.end(), std::back_inserter(all));
      if (!answer.next_cursor) break;
      params.cursor = std::move(answer.next_cursor);
    }
  } catch (const protocol::Error& error) {
    if (error.kind() != protocol::ErrorKind::kMethodNotFound) throw;
  }
  co_return all;
}

bool is_open(const Redemption& redemption) {
  return redemption.state == RedemptionState::kPending ||
         redemption.state == RedemptionState::kUnknown;
}

bool is_finished(const Redemption& redemption) {
  using Outcome = protocol::ConsumeAccountRateLimitResetCreditOutcome;
  return redemption.state == RedemptionState::kSettled &&
         (redemption.outcome == Outcome::kReset || redemption.outcome == Outcome::kAlreadyRedeemed);
}

const Redemption* find_key(const Redemptions& redemptions, const std::string& key) {
  for (const Redemption& redemption : redemptions) {
    if (redemption.idempotency_key == key) return &redemption;
  }
  return nullptr;
}

view::Resets newest_resets(const Redemptions& redemptions, std::int64_t now) {
  view::Resets newest;
  for (const Redemption& redemption : redemptions) {
    if (is_open(redemption) && !newest.open) newest.open = redemption;
    // A clock that was set back makes it seem to come.
    const bool is_recent =
        redemption.updated_at > now - kRecent && redemption.updated_at < now + kRecent;
    if (!is_finished(redemption) || !is_recent) continue;
    if (!newest.recent || newest.recent->updated_at < redemption.updated_at) {
      newest.recent = redemption;
    }
  }
  return newest;
}

asio::awaitable<KnownResets> read_known_resets(AccountClient& client) {
  KnownResets known;
  try {
    const Redemptions redemptions = co_await read_redemptions(client);
    known.resets = newest_resets(redemptions, system::unix_now());
  } catch (const protocol::Error& error) {
    known.problem = "the record of redemptions cannot be read: " + view::printable(error.what());
    if (error.data().detail) *known.problem += ": " + view::printable(*error.data().detail);
  }
  co_return known;
}

}  // namespace quotad::cli
