// Every method's params, and what clients answer: one JSON value is decoded as each of them. What is
// refused is told in words that can be sent; what is taken says the same when it is written and
// read again.

#include "fuzz.hpp"
#include "quotad/protocol/json_text.hpp"
#include "quotad/protocol/methods.hpp"

namespace {

using namespace quotad::protocol;
using quotad::fuzz::parse_ours;
using quotad::fuzz::require;
using quotad::fuzz::require_utf8;

template <class T>
void try_as(const Json& json) {
  T value;
  try {
    value = decode<T>(json, "params");
  } catch (const DecodeError& error) {
    require(error.kind() == ErrorKind::kInvalidParams && error.data().path);
    require(error.data().path->rfind("params", 0) == 0);
    require_utf8(*error.data().path);
    require_utf8(error.what());
    return;
  }
  std::string once;
  write(value, once);
  std::string twice;
  write(decode<T>(parse_ours(once), "params"), twice);
  require(once == twice);
  require(encode(value).dump() == once);
}

template <class... Ts>
void try_params(const Json& json, const std::tuple<Ts...>* /*methods*/) {
  (try_as<typename Ts::Params>(json), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Json json;
  try {
    json = parse_text(quotad::fuzz::text_of(data, size), {});
  } catch (const Error&) {
    return 0;
  }
  try_params(json, static_cast<const Methods*>(nullptr));
  try_params(json, static_cast<const ServerRequests*>(nullptr));
  try_as<RefreshChatgptAuthTokens::Result>(json);
  return 0;
}
