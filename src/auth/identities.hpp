// Credentials that do not say themselves whose they are: personal access tokens, and agent identities,
// which need a task as well.
//
// Called by CredentialStore and StoredSignIn. It asks the sign-in service once per process, and remembers
// the answer for the token that it was asked about last.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "auth/agent_identity.hpp"
#include "auth/auth_json.hpp"
#include "auth/common.hpp"
#include "auth/sign_in.hpp"

namespace quotad::auth {

// Must outlive every call that it has been asked for. For one thread.
class Identities {
 public:
  explicit Identities(Common& common) : common_(common) {}

  enum class Place { kEnvironment, kFile };

  // Whose the credentials are; nobody, with the reason, where they are of no use. Throws what AuthApi
  // throws.
  boost::asio::awaitable<SignInPointer> identify(UnknownPerson unknown, Place place);

  // An agent's sign-in with a task, which the first call of the process registers. Null if other
  // credentials were identified meanwhile.
  boost::asio::awaitable<SignInPointer> with_task(SignInPointer sign_in);

  // The task of `refused` is over; the next call registers another one.
  void drop_task(const SignInPointer& refused);

  // What the credentials say by themselves, without the network.
  static SignIn glance(const UnknownPerson& unknown);

 private:
  struct Identified {
    std::string token;
    SignInPointer sign_in;
    std::shared_ptr<const AgentIdentity> agent;  // of an agent
  };

  Common& common_;
  std::optional<Identified> identified_;
};

}  // namespace quotad::auth
