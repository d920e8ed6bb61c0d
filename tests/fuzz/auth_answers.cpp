// What the sign-in service answers: nothing of it goes into a header or an error that must not.

#include "auth/auth_answers.hpp"

#include "fuzz.hpp"
#include "quotad/protocol/error.hpp"

namespace {

using namespace quotad::auth;
using quotad::fuzz::require;
using quotad::fuzz::require_utf8;
using quotad::protocol::Error;

constexpr const char* kWhat = "asking";

const AgentIdentity& agent() {
  static const AgentIdentity made = [] {
    const std::string claims =
        R"({"agent_runtime_id":"agent-1","account_id":"acct-1","chatgpt_user_id":"user-1",)"
        R"("agent_private_key":"MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})";
    return AgentIdentity("e30." + encode_base64url(claims) + ".e30");
  }();
  return made;
}

// What `read` makes of it, or nothing; its error has none of the text.
template <class Read>
void read_or_refuse(Read read) {
  try {
    read();
  } catch (const Error& error) {
    require(error.kind() == quotad::protocol::ErrorKind::kBackendPayload);
    const std::string words = error.what();
    require(words == "asking failed: the service's answer cannot be read" ||
            words == "the task id that the service gave the agent cannot be opened");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(quotad::fuzz::text_of(data, size));
  const std::string code = error_code(body);
  require(code.size() <= 64 && code.find_first_of(" \t\r\n\"") == std::string::npos);
  require_utf8(code);
  read_or_refuse([&] {
    const FreshTokens tokens = read_fresh_tokens(body, kWhat);
    require(tokens.access_token || tokens.refresh_token);
    require(!tokens.access_token || is_token(*tokens.access_token));
    // They go into auth.json, and come back from it.
    const std::string file = with_fresh_tokens("{}", tokens, 0);
    const auto again = quotad::fuzz::parse_ours(file).at("tokens");
    require(!tokens.refresh_token || again.at("refresh_token") == *tokens.refresh_token);
    require(!tokens.id_token || again.at("id_token") == *tokens.id_token);
  });
  read_or_refuse([&] {
    const TokenClaims person = read_person(body, kWhat);
    require(is_token(person.account_id.value()));
    for (const auto& text : {person.email, person.user_id, person.plan_type}) {
      if (text) require_utf8(*text);
    }
  });
  read_or_refuse([&] { require_utf8(read_task_id(body, agent(), kWhat)); });
  return 0;
}
