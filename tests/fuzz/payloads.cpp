// The service's answers: one JSON value is read as each of them, mapped as an answer to a client,
// and written; what is written must be what the typings say.

#include "account/mapping.hpp"
#include "backend/lenient.hpp"
#include "fuzz.hpp"
#include "quotad/protocol/json_text.hpp"

namespace {

using namespace quotad::protocol;
using quotad::fuzz::parse_ours;
using quotad::fuzz::require;
using quotad::fuzz::require_utf8;
namespace account = quotad::account;
namespace backend = quotad::backend;

// What a client gets: JSON of the type that it was promised.
template <class Answer>
void try_answer(const Answer& answer) {
  std::string text;
  write(answer, text);
  const Json json = parse_ours(text);
  std::string again;
  write(decode<Answer>(json, "answer"), again);
  require(parse_ours(again) == json);
}

// The payload; warnings name its members and repeat nothing of it.
template <class Payload>
std::optional<Payload> read(const Json& json) {
  backend::Warnings warnings([](std::string_view words) {
    require(words.find_first_of("\"\\{}") == std::string_view::npos && words.size() < 200);
    for (const char c : words) require(c >= ' ' && c <= '~');
  });
  return backend::lenient::read<Payload>(json, "payload", warnings);
}

void try_limits(const Json& json) {
  const auto details = read<backend::ResetCreditDetails>(json);
  auto usage = read<backend::Usage>(json);
  require(details.has_value() == json.is_object() && usage.has_value() == json.is_object());
  if (!usage) return;
  // Somebody else's, then our own.
  quotad::auth::SignIn sign_in;
  sign_in.kind = quotad::auth::SignIn::Kind::kChatgpt;
  const auto others = account::to_rate_limits(*usage, nullptr, sign_in);
  require(!others.ordinary_usage_allowed && !others.rate_limit_upsell);
  try_answer(others);
  sign_in.credentials.account_id = usage->account_id.value_or("account");
  sign_in.user_id = usage->user_id;
  try_answer(account::to_rate_limits(*usage, &*details, sign_in));
}

void try_consumed(const Json& json) {
  const auto answer = read<backend::ConsumeAnswer>(json);
  if (answer) try_answer(account::to_consume_response(*answer));
  // The strict reading is only asked why there is no answer: it must know.
  try {
    const auto strict = decode<backend::ConsumeAnswer>(json, "consume");
    require(json.is_array() || (answer && answer->code == strict.code));
  } catch (const DecodeError& error) {
    require_utf8(error.what());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Json json;
  try {
    json = parse_text(quotad::fuzz::text_of(data, size), {});
  } catch (const Error&) {
    return 0;
  }
  try_limits(json);
  if (const auto profile = read<backend::TokenUsageProfile>(json)) {
    try_answer(account::to_token_usage(*profile));
  }
  if (const auto report = read<backend::ThreadUsageReport>(json); report && report->threads) {
    for (const auto& thread : *report->threads) try_answer(account::to_thread_usage(thread));
  }
  try_consumed(json);
  return 0;
}
