#include "auth/identities.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "auth/jwt.hpp"
#include "quotad/protocol/error.hpp"

namespace quotad::auth {
namespace asio = boost::asio;
using protocol::Error;
using protocol::ErrorKind;

namespace {

asio::awaitable<SignIn> ask_who(Common& common, std::string personal_access_token) {
  TokenClaims claims;
  try {
    claims = co_await common.api.whoami(personal_access_token);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kAuthRequired) throw;
    co_return nobody_because(error.what());
  }
  SignIn sign_in = sign_in_of(SignIn::Kind::kPersonalAccessToken, claims);
  sign_in.credentials.authorization = "Bearer " + personal_access_token;
  co_return sign_in;
}

}  // namespace

asio::awaitable<SignInPointer> Identities::identify(UnknownPerson unknown, Place place) {
  if (identified_ && identified_->token == unknown.token) co_return identified_->sign_in;
  if (!is_token(unknown.token)) {  // of the environment; the file's has been looked at
    co_return common_.maker.make(
        nobody_because("CODEX_ACCESS_TOKEN holds characters that no token has"));
  }
  if (unknown.kind == SignIn::Kind::kAgentIdentity) {
    Identified agent{.token = unknown.token, .sign_in = nullptr, .agent = nullptr};
    try {
      agent.agent = std::make_shared<const AgentIdentity>(unknown.token);
      agent.sign_in = common_.maker.make(sign_in_of(unknown.kind, agent.agent->claims()));
    } catch (const Error& error) {
      const std::string why =
          place == Place::kEnvironment
              ? "CODEX_ACCESS_TOKEN is no personal access token (at-…), and as " +
                    std::string(error.what())
              : error.what();
      spdlog::warn("{}", why);
      agent.sign_in = common_.maker.make(nobody_because(why));
    }
    identified_ = std::move(agent);
    co_return identified_->sign_in;
  }
  auto ticket = common_.identifications.join(
      unknown.token, [&common = common_, token = unknown.token] { return ask_who(common, token); });
  const auto found = co_await ticket.wait();
  // Another one who waited for it may have been here first.
  if (!identified_ || identified_->token != unknown.token) {
    const SignInPointer sign_in = common_.maker.make(*found);
    // A refusal may pass: the next call asks again.
    if (sign_in->kind == SignIn::Kind::kNone) co_return sign_in;
    identified_ = Identified{.token = unknown.token, .sign_in = sign_in, .agent = nullptr};
  }
  co_return identified_->sign_in;
}

asio::awaitable<SignInPointer> Identities::with_task(SignInPointer sign_in) {
  if (!identified_ || identified_->sign_in != sign_in || sign_in->sign_call) co_return sign_in;
  const auto agent = identified_->agent;
  auto ticket = common_.registrations.join(agent->runtime_id(), [&common = common_, agent] {
    return common.api.register_task(agent, common.now());
  });
  const auto task_id = co_await ticket.wait();
  if (!identified_ || identified_->agent != agent) co_return nullptr;
  if (!identified_->sign_in->sign_call) {
    SignIn with_task = *sign_in;
    with_task.sign_call = [agent, task = *task_id, clock = common_.options.clock] {
      return agent->assertion(task, clock());
    };
    identified_->sign_in = common_.maker.make(std::move(with_task));
  }
  co_return identified_->sign_in;
}

void Identities::drop_task(const SignInPointer& refused) {
  if (!identified_ || identified_->sign_in != refused) return;
  SignIn without_task = *refused;
  without_task.sign_call = nullptr;
  identified_->sign_in = common_.maker.make(std::move(without_task));
}

SignIn Identities::glance(const UnknownPerson& unknown) {
  if (unknown.kind == SignIn::Kind::kPersonalAccessToken) return sign_in_of(unknown.kind, {});
  try {
    return sign_in_of(unknown.kind, AgentIdentity(unknown.token).claims());
  } catch (const Error& error) {
    return nobody_because(error.what());
  }
}

}  // namespace quotad::auth
